"""From the canonical texts of a record to the columns of an entry, its frozen content, and what the rules say of it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from competition import eligibility, fields, queries
from competition.enums import Group
from competition.fields import Kind
from competition.models import Edition, Entry, PastAward, Track
from competition.operations.entries.drafts import KEYWORDS_SHOWN, TITLE_SHOWN
from competition.operations.entries.freezing import file_content, finding_columns, past_awards
from competition.queries import imports as import_queries
from core import divisions
from core.clock import beijing_day
from core.errors import InvalidInput

# Column of the enterprise's record by field of the form.
OF_ENTERPRISE = {
    "registered_on": "registered_on",
    "division_code": "division_code",
    "contact_name": "contact_name",
    "contact_phone": "contact_phone",
    "contact_email": "contact_email",
    "legal_person": "legal_person",
    "address": "address",
    "sme_number": "sme_number",
    "hightech_number": "hightech_number",
    "hightech_until": "hightech_until",
    "capital": "capital_fen",
}


@dataclass(frozen=True)
class Form:
    """A stored form read once: `values` of what can be read; lists of people and titles are taken as they are.

    `ip_count` is the bare number of titles a list gave, None where it gave none.
    """

    content: Mapping[str, Any]
    ip_count: int | None
    values: Mapping[str, Any]

    @classmethod
    def of(cls, content: Mapping[str, Any], ip_count: int | None, edition: Edition) -> "Form":
        values: dict[str, Any] = {}
        for name, text in content.items():
            field = fields.BY_NAME.get(name)
            if field is None or field.kind in (Kind.ROWS, Kind.TICK):
                values[name] = text
                continue
            try:
                values[name] = fields.value_of(name, text, edition.text_limits)
            except InvalidInput:
                continue
        return cls(content, ip_count, values)

    def enterprise_columns(self) -> dict[str, Any]:
        """The columns of an enterprise's record that the form speaks of."""
        columns = {
            column: self.values[name]
            for name, column in OF_ENTERPRISE.items()
            if self.values.get(name) is not None
        }
        if self.values.get("listed"):
            columns["listed"] = self.values["listed"] == "yes"
        return columns


def stored_columns(before: Mapping[str, Any]) -> dict[str, Any]:
    """An enterprise's columns as they were kept in a row of a batch."""
    dates = ("registered_on", "hightech_until")
    return {
        name: date.fromisoformat(value) if name in dates and value else value
        for name, value in before.items()
    }


@dataclass(frozen=True)
class Contents:
    """What is asked once for some hundred rows of one edition."""

    edition: Edition
    parameters: eligibility.Parameters
    on: date
    tracks: Mapping[str, Track]
    regions: Mapping[str, int]
    awards: Mapping[str, list[PastAward]]
    elsewhere: frozenset[int]

    @classmethod
    def of(
        cls, edition: Edition, codes: Collection[str], enterprise_ids: Collection[int], now: datetime
    ) -> "Contents":
        """For these credit codes, and those of their enterprises that were known before."""
        return cls(
            edition=edition,
            parameters=queries.eligibility_parameters(edition),
            on=beijing_day(now),
            tracks={track.code: track for track in edition.tracks},
            regions={
                part.division_code: region.id for region in edition.regions for part in region.prefectures
            },
            awards=import_queries.awards_by_code(codes),
            elsewhere=frozenset(queries.in_another_edition(edition, enterprise_ids)),
        )

    def columns(self, form: Form) -> dict[str, Any]:
        """The columns of an entry that follow from its form, the typed content itself among them."""
        values = form.values
        place, track = values["division_code"], self.tracks.get(values.get("track", ""))
        prefecture = divisions.prefecture_of(place)
        granted, pending = fields.intellectual_property(values)
        return {
            "group": Group(eligibility.group_of(values["registered_on"], self.edition.startup_from)),
            "county_code": place,
            "prefecture_code": prefecture,
            "region_id": self.regions.get(prefecture),
            "track_id": track.id if track else None,
            "title": values["title"][:TITLE_SHOWN],
            "abstract": values.get("abstract") or "",
            "keywords": (values.get("keywords") or "")[:KEYWORDS_SHOWN],
            "content": dict(form.content),
            "revenue_fen": values.get("revenue"),
            "ip_granted": granted if form.ip_count is None else form.ip_count,
            "ip_pending": pending,
            "integrity_signed": bool(values.get("integrity")),
        }

    def frozen(
        self, record: Any, entry: Mapping[str, Any], form: Form, source: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a version freezes of an entry given as columns: the keys of a submission, a bare count, the source.

        `record` has a `credit_code` and a `name`.
        """
        track = next((track for track in self.tracks.values() if track.id == entry["track_id"]), None)
        return {
            "entry": entry["number"],
            "edition": self.edition.code,
            "rules_version": self.edition.rules_version,
            "credit_code": record.credit_code,
            "enterprise": record.name,
            "group": entry["group"].value,
            "track": track.name if track else "",
            "prefecture_code": entry["prefecture_code"],
            "fields": entry["content"],
            "attachments": [],
            "ip_count": form.ip_count,
            "source": dict(source),
        }

    def frozen_entry(
        self, entry: Entry, columns: Mapping[str, Any], form: Form, source: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The same of an entry that exists, with its files in force."""
        content = self.frozen(entry.enterprise, {**columns, "number": entry.number}, form, source)
        return {**content, "attachments": [file_content(row) for row in queries.attachments_of(entry)]}

    def findings(self, form: Form, enterprise_id: int, credit_code: str) -> list[dict[str, Any]]:
        """One row per rule. What a list does not say (property, listing, the pledge) is asked of a person."""
        values = form.values
        granted, pending = fields.intellectual_property(values)
        stated = granted if "ip_items" in values else None
        listed = values.get("listed")
        facts = eligibility.Facts(
            registered_on=values["registered_on"],
            revenue_fen=values.get("revenue"),
            listed=None if listed is None else listed == "yes",
            ip_granted=stated if form.ip_count is None else form.ip_count,
            ip_pending=pending,
            integrity_signed=True if values.get("integrity") else None,
            credit_code=credit_code,
            division_code=values["division_code"],
            sme_number=values.get("sme_number"),
            hightech_number=values.get("hightech_number"),
            hightech_valid_until=values.get("hightech_until"),
            past_awards=past_awards(self.awards.get(credit_code, ())),
            other_entry_this_year=enterprise_id in self.elsewhere,
        )
        return finding_columns(eligibility.evaluate(facts, self.parameters, on=self.on))
