"""Ways to ask for the vectors of claims, and the one way to write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from django.apps import apps
from django.db import connections, models, transaction
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from ..search.encoding import MODEL, VERSION


class Sha256(Func):
    """SQL expression: the SHA-256 of the UTF-8 bytes of a text, in lower-case hexadecimal. On SQLite it is a
    function that Django brings along; on PostgreSQL Django's own needs an extension, and this does not."""

    function = "SHA256"
    arity = 1
    output_field = models.CharField(max_length=64)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template, **context)


class Among(Func):
    """SQL expression for `pk__in=`: any number of primary keys as one value. As many values it takes ten
    times as long to send, and SQLite takes 32,766."""

    arity = 1

    def __init__(self, keys: Iterable[int]) -> None:
        super().__init__(Value(",".join(map(str, keys))))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT unnest(string_to_array(%(expressions)s, ',')::bigint[]))"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(SELECT value FROM json_each('[' || %(expressions)s || ']'))"
        return self.as_sql(compiler, connection, template=template, **context)


class NewVector(NamedTuple):
    claim: int  # its primary key
    text_sha256: str
    public: bool
    vector: bytes


class ClaimVectorQuerySet(models.QuerySet[Any]):
    def of_this_model(self) -> Self:
        """Those that can be compared with what `encoding.encode` gives now."""
        return self.filter(model=MODEL, version=VERSION)

    def with_words_now(self) -> Self:
        """With `sha256_now`: of the words that the claim has now in that part; empty where it has none."""
        verdicts = apps.get_model("claims", "Verdict").objects.in_force()
        headline = verdicts.filter(claim=OuterRef("claim")).order_by().values("headline")
        return self.annotate(
            sha256_now=Case(
                When(part="text", then=Sha256("claim__text")),
                When(part="title", then=Coalesce(Sha256(Subquery(headline)), Value(""))),
            )
        )

    def current(self) -> Self:
        """Those that say what the words of the claim mean, as they are now: no others are ever used."""
        return self.of_this_model().with_words_now().filter(text_sha256=F("sha256_now"))

    def published(self) -> Self:
        """Of public claims, whatever the vector itself has noted of that."""
        return self.filter(claim__in=apps.get_model("claims", "Claim").objects.published())

    def left_over(self) -> Self:
        """What no reader uses: of words that are no longer the claim's, or of another model."""
        return self.with_words_now().filter(
            ~Q(model=MODEL, version=VERSION) | ~Q(text_sha256=F("sha256_now"))
        )

    @transaction.atomic
    def put(self, part: str, rows: Sequence[NewVector]) -> int:
        """Write `rows` (one a claim) as the vectors of `part`, in the place of those that are there; claims
        that are gone meanwhile are left out. Returns how many were written.

        Each gets a new primary key, and keys ascend in the order of the commits: whoever has read those up to
        one of them has read all that there will ever be. For this the writers wait for each other.
        """
        connection = connections[self.db]
        if connection.vendor == "postgresql":  # on SQLite a transaction that writes is alone
            with connection.cursor() as cursor:
                cursor.execute(
                    f"LOCK TABLE {self.model._meta.db_table} IN SHARE ROW EXCLUSIVE MODE"
                )
        claims = apps.get_model("claims", "Claim")._base_manager
        there = set(claims.filter(pk__in=[row.claim for row in rows]).values_list("pk", flat=True))
        self.of_this_model().filter(part=part, claim__in=there).delete()
        written = self.bulk_create(
            self.model(
                claim_id=row.claim,
                part=part,
                model=MODEL,
                version=VERSION,
                text_sha256=row.text_sha256,
                public=row.public,
                vector=row.vector,
            )
            for row in rows
            if row.claim in there
        )
        return len(written)
