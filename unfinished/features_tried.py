from data import *
import bm25s, pickle
from math import log
from collections import Counter
from claims.search.analysis import analyse
from rapidfuzz import fuzz
Q=re.compile("(?<![^\\W_])['’‘]|['’‘](?![^\\W_])|[\"“”„«»]")
def plain(t): return ' '.join(Q.sub(' ',t).replace('’',"'").split())
_tk={}
def toks(t):
    if t not in _tk:
        a=analyse(t); _tk[t]=list(a.words)+[f'#{n.value}' for n in a.numbers]
    return _tk[t]
def grams(t):
    t=f' {t.lower()} '; return {t[i:i+4] for i in range(len(t)-3)}
def build(t,s,K=50):
    p=f'build/matching/cand2_{t}_{s}.pkl'
    if os.path.exists(p): return pickle.load(open(p,'rb'))
    ds,qs,rel=load(t,s)
    ds=[(d[0],plain(d[1]),plain(d[2])) for d in ds]
    dt=[toks(d[1]) for d in ds]; dtt=[toks(d[2]) for d in ds]
    df=Counter(w for a,b in zip(dt,dtt) for w in set(a)|set(b)); N=len(ds)
    idf={w:log(1+(N-n+.5)/(n+.5)) for w,n in df.items()}; mx=log(1+(N+.5)/.5)
    def index(corpus,k1=1.2,b=.75):
        m=bm25s.BM25(k1=k1,b=b); m.index(corpus,show_progress=False); return m
    I={'text':index(dt),'title':index(dtt),'both':index([a+b for a,b in zip(dt,dtt)])}
    V={}
    for n,c in (('text',1),('title',2)):
        v=enc(t+'_'+n,0).copy(); first={}
        for i,d in enumerate(ds): v[i]=v[first.setdefault(d[c],i)]
        V[n]=v
    VV=V['text']+V['title']; VV/=np.linalg.norm(VV,axis=1,keepdims=True)
    qv=enc(f'{t}_{s}_q',0); sv=enc(f'{t}_{s}_sent',0)
    from sentencex import segment
    sents=[[x for x in segment('en',clean(q[1])) if len(x.split())>3] or [clean(q[1])] for q in qs]
    out=[];at=0; ids=[d[0] for d in ds]
    for i,(qid,q) in enumerate(qs):
        c=plain(clean(q)); qt=toks(c)
        sc={n:I[n].get_scores([w for w in dict.fromkeys(qt)]) if qt else np.zeros(N) for n in I}
        S=sv[at:at+len(sents[i])]; at+=len(sents[i])
        A={'bt':sc['text'],'bi':sc['title'],'bb':sc['both'],'ct':V['text']@qv[i],'ci':V['title']@qv[i],'cb':VV@qv[i],'st':(V['text']@S.T).max(1),'si':(V['title']@S.T).max(1)}
        cand=set()
        for a in A.values(): cand|=set(np.argpartition(-a,K)[:K].tolist())
        cand=sorted(cand)
        rows=[]; qset=dict.fromkeys(qt); qa=analyse(c); qg=grams(c)
        tot=sum(idf.get(w,mx) for w in qset) or 1
        qs_=[set(toks(x)) for x in sents[i]]
        for d in cand:
            f={n:float(a[d]) for n,a in A.items()}
            for n in ('bt','bi','bb'): f[n+'_n']=f[n]/tot
            for nm,tt,txt in (('t',dt[d],ds[d][1]),('i',dtt[d],ds[d][2])):
                da=analyse(txt); ts=set(tt); sh=ts&set(qset); w=sum(idf[x] for x in sh); dtot=sum(idf[x] for x in ts) or 1
                f['cov_q'+nm]=w/tot; f['cov_d'+nm]=w/dtot; f['w'+nm]=w; f['dice'+nm]=2*w/(tot+dtot)
                f['sdice'+nm]=max(2*sum(idf[x] for x in ts&u)/((sum(idf.get(x,mx) for x in u)+dtot) or 1) for u in qs_)
                f['nshared'+nm]=len(sh)
                f['rare'+nm]=max((idf[x] for x in sh),default=0)
                f['names_d'+nm]=len(set(da.names)&set(qset))/(len(da.names) or 1); f['names'+nm]=len(set(da.names)&set(qset))
                agree=sum(any(a.agrees(b) for b in qa.numbers) for a in da.numbers)
                f['num'+nm]=agree; f['numx'+nm]=float(bool(da.numbers) and bool(qa.numbers) and not agree); f['num_only'+nm]=float(bool(da.numbers) and not agree)
                low=txt.lower(); lq=c.lower()
                f['tsr'+nm]=fuzz.token_set_ratio(lq,low)/100; f['pr'+nm]=fuzz.partial_ratio(lq,low)/100; f['tso'+nm]=fuzz.token_sort_ratio(lq,low)/100
                g=grams(txt); f['g4'+nm]=len(g&qg)/(len(g) or 1)
                f['len'+nm]=log(1+len(ts))
            rows.append((ids[d],f))
        out.append((qid,rows))
    r=(out,rel); pickle.dump(r,open(p,'wb')); return r
if __name__=='__main__':
    for t in ('t2','2b'):
        for s in ('train','dev'):
            t0=time.time(); o,rel=build(t,s); print(t,s,time.time()-t0, np.mean([len(r) for _,r in o]), 'recall', np.mean([bool(rel[q]&{i for i,_ in rows}) for q,rows in o]),flush=True)
            for n in ('bb','ct','ci','cb','st'):
                print('  ',n,np.mean([ap5([i for i,_ in sorted(rows,key=lambda x:-x[1][n])],rel[q]) for q,rows in o]))
