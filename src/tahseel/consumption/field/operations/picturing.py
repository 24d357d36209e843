"""Photographs of dials: checked, and kept unchanged under their hash."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import connection

from tahseel.consumption.field import keeping, queries
from tahseel.consumption.field.operations.walking import walked_by
from tahseel.consumption.field.rules import pictures
from tahseel.kernel.actor import Actor
from tahseel.kernel.errors import Refusal
from tahseel.trust.audit.operations import audited, note


class PhotoWrong(Refusal):
    """Not a sound JPEG or PNG of a size that is taken."""

    code = "field_photo_wrong"
    text_ar = "الملف ليس صورة سليمة بصيغة JPEG أو PNG لا يزيد حجمها على {megabytes} ميغابايت"
    text_en = "The file is no sound JPEG or PNG of up to {megabytes} MB"


class PhotoUnknown(Refusal):
    """A photograph is kept before it is named."""

    code = "field_photo_unknown"
    text_ar = "الصورة غير محفوظة"
    text_en = "The photograph is not kept"


@audited("field.keep_photo", subject="round_id")
def keep_photo(*, actor: Actor, at: datetime, round_id: UUID, body: bytes) -> str:
    """Keep a photograph of a round; returns its hash. The same again changes nothing.

    Raises NotAllowed, RoundUnknown, PhotoWrong.
    """
    walked_by(actor, round_id)
    return kept(body, actor=actor, at=at)


def kept(body: bytes, *, actor: Actor, at: datetime) -> str:
    """The hash of a photograph that is on disk and on record. Raises PhotoWrong."""
    try:
        picture = pictures.examine(body)
    except ValueError:
        raise PhotoWrong(megabytes=pictures.PHOTO_BYTES_MAX // 1_000_000) from None
    digest = sha256(body).hexdigest()
    note(photo=digest)
    keeping.keep(body)
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into field_photo (sha256, media_type, bytes, width, height, kept_at, actor)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict (sha256, actor) do nothing",
            [digest, picture.media_type, len(body), picture.width, picture.height, at, actor.id],
        )
    return digest


def require_photo(digest: str, actor: Actor) -> None:
    """Raises PhotoUnknown for a photograph that this person has not given; "" is none."""
    if digest and queries.photo_type(sha256=digest, actor_id=actor.id) is None:
        raise PhotoUnknown()
