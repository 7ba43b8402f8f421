import os; os.environ['OPENBLAS_NUM_THREADS']='1'
from feat2 import *
from scipy.optimize import minimize
D={(t,s):build(t,s) for t in ('t2','2b') for s in ('train','dev')}
names=sorted(D['t2','train'][0][0][1][0][1])
INTER=[('cb','diceT'),]
def mat(rows,use):
    X=np.array([[f[n] for n in use] for _,f in rows],dtype=np.float64)
    return X
def make(use,z=True):
    F={}
    for k,(o,rel) in D.items():
        L=[]
        for q,rows in o:
            X=mat(rows,use)
            if z:
                top=X-np.sort(X,0)[-2:-1]   # gap to the second best
                R=1/(1+(-X).argsort(0).argsort(0))
                X=np.hstack([X,(X-X.mean(0))/(X.std(0)+1e-6),R,np.minimum(0,X-X.max(0)) ])
            L.append((q,[i for i,_ in rows],X,np.array([i in rel[q] for i,_ in rows])))
        F[k]=L
    return F
def fit(L,l2,w0=None):
    A=np.vstack([x[2] for x in L]); mu,sd=A.mean(0),A.std(0)+1e-9
    G=[((x[2]-mu)/sd,x[3]) for x in L if x[3].any()]
    X=np.vstack([g[0] for g in G]); Y=np.concatenate([g[1]/g[1].sum() for g in G]); b=np.cumsum([0]+[len(g[1]) for g in G])
    gid=np.repeat(np.arange(len(G)),np.diff(b))
    def loss(w):
        s=X@w; m=np.maximum.reduceat(s,b[:-1]); e=np.exp(s-m[gid]); Z=np.add.reduceat(e,b[:-1]); p=e/Z[gid]
        l=-(Y*(s-m[gid]-np.log(Z)[gid])).sum(); g=X.T@(p-Y)
        return l/len(G)+l2*w@w, g/len(G)+2*l2*w
    r=minimize(loss,np.zeros(X.shape[1]),jac=True,method='L-BFGS-B',options={'maxiter':300})
    return lambda x:((x-mu)/sd)@r.x, r.x
def ev(score,L,rel):
    return np.mean([ap5([x[1][j] for j in np.argsort(-score(x[2]).round(9),kind='stable')],rel[x[0]]) for x in L])
if __name__=='__main__':
    for z in (False,True):
        F=make(names,z)
        for tk in ([('t2','train')],[('2b','train')],[('t2','train'),('2b','train')]):
            for l2 in (.0003,.001,.003,.01,.03):
                s,w=fit([x for k in tk for x in F[k]],l2)
                print(z,[k[0] for k in tk],l2,*('%s %.4f'%(k[0]+k[1],ev(s,F[k],D[k][1])) for k in D),flush=True)
