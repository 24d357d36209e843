"""ForeignKeys point only downwards, and tables are named after their slice."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Field, FloatField, ForeignKey, ManyToManyField, Model, UUIDField
from tests.meta import house

# Tables that Django itself needs, which hang on our users. table: reason
NOT_OURS = {
    "access_user_groups": "django.contrib.auth's own relation",
    "access_user_user_permissions": "django.contrib.auth's own relation",
}


def slice_of(model: type[Model]) -> str:
    parts = model.__module__.split(".")[1:]
    return parts[0] if parts[0] in ("kernel", "app") else ".".join(parts[:2])


def ours() -> list[type[Model]]:
    return [
        m
        for m in apps.get_models(include_auto_created=True)
        if m.__module__.startswith("tahseel.") and m._meta.db_table not in NOT_OURS
    ]


def relations() -> Iterator[tuple[type[Model], Field, type[Model]]]:  # type: ignore[type-arg]
    for model in ours():
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey | ManyToManyField):
                target = model if field.related_model == "self" else field.related_model
                yield model, field, target


def test_a_foreign_key_points_only_downwards() -> None:
    upward = [
        f"{model._meta.label}.{field.name} -> {target._meta.label}"
        for model, field, target in relations()
        if target.__module__.startswith("tahseel.")
        and house.ORDER.index(slice_of(target)) > house.ORDER.index(slice_of(model))
    ]

    assert not upward, "\n".join(upward)


def test_consumption_and_books_never_point_at_each_other() -> None:
    crossing = [
        f"{model._meta.label}.{field.name}"
        for model, field, target in relations()
        if {slice_of(model).split(".")[0], slice_of(target).split(".")[0]}
        == {"books", "consumption"}
    ]

    assert not crossing, crossing


def test_a_table_is_named_after_its_slice() -> None:
    odd = [
        m._meta.db_table
        for m in ours()
        if not m._meta.db_table.startswith(f"{slice_of(m).split('.')[-1]}_")
    ]

    assert ours()
    assert not odd, odd


def test_our_ids_are_made_by_the_application() -> None:
    drawn = [
        m._meta.label
        for m in ours()
        if m._meta.pk is not None and m._meta.pk.get_internal_type().endswith("AutoField")
    ]

    assert not drawn, drawn
    assert any(isinstance(m._meta.pk, UUIDField) for m in ours())


def test_no_field_is_a_float() -> None:
    floats = [
        f"{m._meta.label}.{field.name}"
        for m in ours()
        for field in m._meta.get_fields()
        if isinstance(field, FloatField)
    ]

    assert not floats, floats


def test_no_field_reads_the_clock() -> None:
    clocks = [
        f"{m._meta.label}.{field.name}"
        for m in ours()
        for field in m._meta.get_fields()
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    ]

    assert not clocks, clocks
