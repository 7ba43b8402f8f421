from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sources.constraints import one_of
from sources.fields import LineField, ProseField
from sources.models import Change, Publishable, Source, Speaker
from sources.models.change import Kind
from sources.models.source import LANGUAGE_TAG
from sources.querysets import Origin

from ..independence import SingleOrigin, single_origins
from ..querysets import ClaimQuerySet
from .assignment import UNCHANGED, Assignment
from .merge import Merge
from .selection import WhySelected
from .splitting import Part, split

if TYPE_CHECKING:
    from .annotation import Annotation


class ClaimKind(models.TextChoices):
    FACTUAL = "factual", _("factual")
    STATISTICAL = "statistical", _("statistical")
    HISTORICAL = "historical", _("historical")
    QUOTATION = "quotation", _("quotation")
    PREDICTION = "prediction", _("prediction")
    OPINION = "opinion", _("opinion")


class Claim(Publishable):
    """One checkable proposition in the desk's own neutral words."""

    PERMISSION = "claims.publish_claim"
    RESOURCE = "claims"
    HIDDEN_BY = "duplicate_of_id"

    slug = models.SlugField(
        max_length=120,
        unique=True,
        help_text="The name in addresses, for good. Lower case, hyphens.",
    )
    text = LineField(
        max_length=500,
        help_text=(
            "One proposition, complete and neutral, in the desk's words: it must be possible to agree "
            "on what it says without agreeing that it is so. Split a compound claim into parts."
        ),
    )
    kind = models.CharField(
        max_length=20, choices=ClaimKind, default=ClaimKind.FACTUAL, db_index=True
    )
    context = ProseField(
        blank=True, help_text="What a reader must know to understand the claim; no finding."
    )
    language = models.CharField(
        max_length=35,
        default="en",
        validators=[RegexValidator(LANGUAGE_TAG, "Give a BCP 47 language tag: en, ru, pt-BR.")],
        help_text="BCP 47 tag of the wording above.",
    )
    selection = models.CharField(
        "why selected",
        max_length=20,
        choices=WhySelected,
        help_text=(
            "Why the desk checks this claim and not another, for readers: said of every claim, and "
            "counted for every speaker alike."
        ),
    )
    selection_note = LineField(
        "why, in words",
        max_length=300,
        blank=True,
        help_text="For readers: needed for another reason than those named; otherwise where it helps.",
    )
    topics = models.ManyToManyField("claims.Topic", blank=True, related_name="claims")
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        help_text="The compound claim that this is a part of.",
    )
    part_position = models.PositiveSmallIntegerField(
        "position among the parts", default=0, help_text="1 for part (a), 2 for part (b), …"
    )
    decides_whole = models.BooleanField(
        "decides the whole",
        default=False,
        help_text=(
            "Whether the rating of the compound claim turns on this part: readers are told so. Several "
            "parts may decide it together."
        ),
    )
    duplicate_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="duplicates",
        help_text="Retires this claim in favour of another: its address then redirects there for good.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(
        auto_now=True,
        db_index=True,
        help_text="When its wording, annotations or verdict last changed for the public.",
    )

    history = HistoricalRecords(m2m_fields=[topics])

    objects: ClassVar[Any] = ClaimQuerySet.as_manager()

    class Meta(Publishable.Meta):
        ordering = ["-published_at", "-id"]
        permissions = [("publish_claim", "Can publish a claim and edit what is public")]
        indexes = [models.Index(name="claims_claim_newest", fields=["-published_at", "-id"])]
        constraints = [
            *Publishable.Meta.constraints,
            one_of("kind", ClaimKind, name="claims_claim_kind_known"),
            one_of("selection", WhySelected, name="claims_claim_selection_known"),
            models.CheckConstraint(
                name="claims_claim_other_selection_in_words",
                condition=~Q(selection=WhySelected.OTHER) | ~Q(selection_note=""),
                violation_error_message="Say in words what the other reason is.",
            ),
            models.CheckConstraint(
                name="claims_claim_not_part_of_itself",
                condition=Q(part_of__isnull=True) | ~Q(part_of=F("id")),
                violation_error_message="A claim is not a part of itself.",
            ),
            models.CheckConstraint(
                name="claims_claim_only_a_part_decides",
                condition=Q(decides_whole=False) | Q(part_of__isnull=False),
                violation_error_message="Only a part of a compound claim decides the whole.",
            ),
            models.CheckConstraint(
                name="claims_claim_not_duplicate_of_itself",
                condition=Q(duplicate_of__isnull=True) | ~Q(duplicate_of=F("id")),
                violation_error_message="A claim is not a duplicate of itself.",
            ),
            models.CheckConstraint(
                name="claims_claim_language_tag", condition=Q(language__regex=LANGUAGE_TAG)
            ),
            models.CheckConstraint(name="claims_claim_text_not_empty", condition=~Q(text="")),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("claim", args=[self.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. Raises ValidationError for a new claim of which nobody says why it was selected, and where
        that would be forgotten of an old one."""
        self._refuse_without_selection()
        super().save(*args, **kwargs)

    def _refuse_without_selection(self) -> None:
        # No constraint can tell a row that was there before from a new one. (An import of published data goes
        # past this: it tells of another instance's claims what is known of them there.)
        if self.selection == WhySelected.NOT_RECORDED and (
            self._state.adding
            or type(self)
            ._base_manager.filter(pk=self.pk)
            .exclude(selection=WhySelected.NOT_RECORDED)
            .exists()
        ):
            raise ValidationError({"selection": "Say why the desk checks this claim."})

    def clean(self) -> None:
        """Refuse chains that lead back here, a duplicate of a duplicate, and a claim of which nobody says why
        it was selected."""
        self._refuse_without_selection()
        for field in ("part_of", "duplicate_of"):
            seen = {self.pk}
            claim = getattr(self, field)
            while claim is not None:
                if claim.pk in seen:
                    raise ValidationError({field: "That claim already leads back to this one."})
                seen.add(claim.pk)
                claim = getattr(claim, field)
        merge = self.merges_away.filter(undone_at=None).first() if self.pk else None
        if merge is not None and merge.into_id != self.duplicate_of_id:
            raise ValidationError(
                {
                    "duplicate_of": "It was merged into that claim, with all that hung on it: undo the merge."
                }
            )
        if self.duplicate_of is not None:
            if self.duplicate_of.duplicate_of is not None:
                refusal = "That claim is itself retired: choose the one that it leads to."
            elif self.pk and self.duplicates.exists():
                refusal = "Other claims lead to this one: let them lead to that claim first."
            elif self.is_published and not self.duplicate_of.is_published:
                refusal = (
                    "This claim is public and that one is not: its address would lead nowhere."
                )
            else:
                return
            raise ValidationError({"duplicate_of": refusal})

    @property
    def public_whole(self) -> Claim | None:
        """The compound claim that this is a part of, unless it is a draft or retired."""
        return self.part_of if self.part_of and self.part_of.is_public else None

    @property
    def claimants(self) -> list[Any]:
        """The Speakers whom the public sees make it, each once. After `objects.with_claimants()`."""
        made: list[Any] = self.asserting_appearances  # type: ignore[attr-defined]
        return list({row.claimant_id: row.claimant for row in made}.values())

    @property
    def verdict(self) -> Any:
        """The Verdict in force, or None. Costs no query after `objects.with_verdict()`."""
        if "verdicts_in_force" not in self.__dict__:
            self.verdicts_in_force = list(self.verdicts.in_force().select_related("rating__scale"))
        return self.verdicts_in_force[0] if self.verdicts_in_force else None

    def touch(self, at: dt.datetime | None = None) -> None:
        """Record that what the public sees of this claim changed at the time `at` (UTC; now), and with
        it of the claims whose pages show this one: the whole that it is a part of, the claims that it
        answers as a counterclaim, and its own counterclaims."""
        at = at or timezone.now()
        # Not save(): this is bookkeeping, not an edit that the history should show.
        claims = type(self).objects
        claims.filter(pk=self.pk).update(updated_at=at)
        if self.is_public:  # else no page shows it, and no date may tell that it changed
            beside = claims.filter(self.beside())
            beside.update(updated_at=Greatest("updated_at", at))
            slugs = beside.published().exclude(pk=self.pk).values_list("slug", flat=True)
            Change.objects.note(self.RESOURCE, [self.slug, *slugs], Kind.UPDATED)

    def beside(self) -> Q:
        """The claims whose pages show this one, as far as it is public."""
        whole = type(self)._base_manager.filter(parts=self.pk).order_by().values("pk")
        answered = self.rebuttals_made_with.published().order_by().values("claim")
        counterclaims = self.rebuttals.published().order_by().values("counterclaim")
        # Not three conditions joined by OR: for these PostgreSQL would read every claim that there is.
        return Q(pk__in=whole.union(answered, counterclaims))

    @transaction.atomic
    def publish(self, *, by: Any, at: dt.datetime | None = None) -> bool:
        """Publish the claim, and with it what it rests on: its appearances, rebuttals, evidence,
        searches and external reviews, their Sources, and the Speakers concerned. Verdicts go through
        `Verdict.approve`; parts and counterclaims are claims and are published one by one.

        Of a claim that is public already, publishes what has been added since. `by` needs the
        permission claims.publish_claim (PermissionDenied); `at` is UTC, now if left out. Returns
        whether anything changed. Raises ValidationError for a retired claim.
        """
        if not by.has_perm(self.PERMISSION):
            raise PermissionDenied("Publishing a claim takes the permission of an editor.")
        if self.duplicate_of_id is not None:
            raise ValidationError(
                "A retired claim is not published: publish the one that it leads to."
            )
        at = at or timezone.now()
        changed = super().publish(by=by, at=at)
        annotations = list(self.annotations())
        below = {
            (type(row).__name__, row.pk): row for each in annotations for row in each.drafts_below()
        }
        # In one order for all, or two claims that share sources could wait for each other for ever.
        for key in sorted(below):
            changed |= below[key].publish(by=by, at=at)
        for row in annotations:
            changed |= not row.is_published and row.publish(by=by, at=at)
        if changed:
            self.touch(at)
            self.refresh_from_db(fields=["updated_at"])
        return changed

    def annotations(self) -> Iterator[Annotation]:
        """Each appearance, rebuttal, piece of evidence, search and external review, published or not,
        with what it rests on: in as many queries for many as for one."""
        return chain(
            self.appearances.with_record(),
            self.rebuttals.with_record().prefetch_related("citations__source__derived_from"),
            self.evidence.with_record(),
            self.searches.all(),
            self.external_reviews.all(),
        )

    def edition(self) -> str:
        """Return what tells one state of all that an approval publishes from another: the claim, its
        verdict in the making, what is attached to it now, and the drafts that this rests on, each with
        the last entry in its history. In as many queries for many as for one."""
        attached = list(self.annotations())
        below = [row for each in attached for row in each.drafts_below()]
        sources = [row for row in below if isinstance(row, Source)]
        named = Speaker.objects.drafts().filter(turns__snapshot__source__in=sources)
        cited = apps.get_model("claims", "Citation").objects.filter(rebuttal__claim=self.pk)
        making = self.verdicts.filter(published_at=None)
        found: dict[Any, set[int]] = {}
        for row in chain([self], making, attached, cited, below, named):
            found.setdefault(type(row), set()).add(row.pk)
        told = []
        for model, keys in found.items():
            last = model.history.filter(id__in=keys).values_list("id").annotate(Max("history_id"))
            told += [(model.__name__, *pair) for pair in last.order_by()]
            told += [(model.__name__, pk, 0) for pk in keys]
        return hashlib.sha256(repr(sorted(told)).encode()).hexdigest()

    def single_origin_sides(self) -> list[SingleOrigin]:
        """The sides, for and against, of which all evidence goes back to one record, as the desk knows it,
        drafts included. One query."""
        rows = self.evidence.annotate(
            origin=Origin("source", drafts=True),
            origin_title=Origin("source", field="title", drafts=True),
        )
        return single_origins(
            rows.order_by("pk").values_list("direction", "origin", "origin_title")
        )

    def has_drafts(self) -> bool:
        """Whether `publish` would publish anything."""
        return not self.is_published or any(
            not row.is_published or row.drafts_below() for row in self.annotations()
        )

    def assign(self, *, by: Any, to: Any = UNCHANGED, priority: Any = UNCHANGED) -> bool:
        """Say who works on the claim (`to`; None: nobody), and how soon; what is left out stays. Returns
        whether anything changed. Who may, and what is refused: as `Assignment.hand` has it."""
        return Assignment.hand(self, by=by, to=to, priority=priority)

    @transaction.atomic
    def sort(self, *, by: Any, into: Any = None, out_of: Any = None) -> bool:
        """Add the topic `into` and remove the topic `out_of`, each if given. Returns whether anything
        changed. Raises PermissionDenied where `by` may not change the claim: the topics of a public
        one are public, and so an editor's to change."""
        # With the claims whose date it may move, in the order in which every writer locks claims.
        claims = type(self)._default_manager.filter(Q(pk=self.pk) | self.beside())
        locked = {claim.pk: claim for claim in claims.order_by("pk").select_for_update()}
        stored = locked[self.pk]
        if not (by.has_perm("claims.change_claim") and stored.editable_by(by)):
            raise PermissionDenied(f"“{stored}” is public, and its topics an editor's to change.")
        held = {topic.pk for topic in stored.topics.all()}
        adds = into is not None and into.pk not in held
        removes = out_of is not None and out_of.pk in held
        stored._history_user = by
        if adds:
            stored.topics.add(into)
        if removes:
            stored.topics.remove(out_of)
        if adds or removes:
            stored.touch()
        return bool(adds or removes)

    def merge_into(self, other: Claim, *, by: Any) -> Merge:
        """Retire this claim as a duplicate of `other`, to which all that hangs on it moves, and return the
        record by which that is undone. Who may, and what is refused: as `Merge.make` has it."""
        return Merge.make(self, other, by=by)

    def split(self, parts: Sequence[Part], *, by: Any) -> list[Claim]:
        """Make draft claims of `parts` (two to eight), parts of this claim with its language and topics,
        and return them; all or none.

        `by` needs claims.add_claim (PermissionDenied): what is public does not change by drafts. Raises
        ValidationError for a retired claim, for one that is itself a part, and for parts without words
        of their own.
        """
        return split(self, parts, by=by)
