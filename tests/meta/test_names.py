"""A name says what a thing is; drawers for odds and ends have no name here."""

from tests.meta import house

DRAWERS = {
    "base",
    "common",
    "constants",
    "core",
    "extras",
    "functions",
    "handler",
    "handlers",
    "helper",
    "helpers",
    "lib",
    "logic",
    "manager",
    "managers",
    "misc",
    "processor",
    "processors",
    "shared",
    "stuff",
    "tools",
    "types",
    "util",
    "utilities",
    "utils",
}
ANATOMY = {"values", "models", "rules", "operations", "queries", "events", "consumers", "history"}
VIEWS = {"api", "views", "urls", "jobs", "forms", "apps", "__init__"}


def test_no_module_or_folder_is_a_drawer() -> None:
    drawers = [
        source.name
        for source in house.programs()
        if {part.removesuffix(".py").removeprefix("test_") for part in source.path.parts[-3:]}
        & DRAWERS
    ]

    assert not drawers, drawers


def test_names_are_whole_words_in_small_letters() -> None:
    odd = [
        source.name
        for source in house.programs()
        if not source.path.stem.replace("_", "a").isalnum()
        or source.path.stem.lower() != source.path.stem
    ]

    assert not odd, odd


def test_every_slice_is_in_the_order_of_folders() -> None:
    known = set(house.ORDER)
    found = {
        ".".join(folder.relative_to(house.SOURCE).parts)
        for district in house.SOURCE.iterdir()
        if district.is_dir() and district.name not in ("kernel", "app", "__pycache__")
        for folder in district.iterdir()
        if folder.is_dir() and folder.name != "__pycache__" and any(folder.rglob("*.py"))
    }

    assert found <= known, found - known


def test_every_slice_has_a_page_about_itself() -> None:
    missing = [
        name for name, folder in house.slices().items() if not (folder / "README.md").exists()
    ]

    assert not missing, missing


def test_a_page_about_a_slice_is_one_page_and_says_something() -> None:
    pages = [folder / "README.md" for folder in house.slices().values()]
    lengths = {
        page.relative_to(house.ROOT).as_posix(): len(page.read_text(encoding="utf-8").splitlines())
        for page in pages
        if page.exists()
    }

    wrong = {name: lines for name, lines in lengths.items() if not 8 <= lines <= 100}
    assert not wrong, wrong


def test_a_slice_that_grows_a_package_keeps_the_name_of_its_anatomy() -> None:
    both = [
        f"{name}: {part}"
        for name, folder in house.slices().items()
        for part in ANATOMY | VIEWS
        if (folder / f"{part}.py").exists() and (folder / part / "__init__.py").exists()
    ]

    assert not both, both


def test_modules_open_with_what_they_are_for() -> None:
    silent = [
        source.name
        for source in house.sources()
        if "migrations" not in source.path.parts
        and source.text.strip()
        and not source.text.lstrip().startswith(('"""', 'r"""'))
    ]

    assert not silent, silent
