import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tahseel.kernel import secrets
from tahseel.kernel.errors import Broken, Fault
from tahseel.kernel.secrets import KeyRing, SealBroken

CONTEXT = "customers:civil_id"


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    before = list(secrets._installed)
    secrets.install_keys(KeyRing.generate())
    yield
    if before:
        secrets.install_keys(before[0])
    else:
        secrets._installed.clear()
    secrets._cipher.cache_clear()
    secrets._index_key.cache_clear()


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_in_its_context(plain: bytes) -> None:
    sealed = secrets.seal(plain, context=CONTEXT)

    assert secrets.unseal(sealed, context=CONTEXT) == plain
    assert len(sealed) == len(plain) + 29


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert len({secrets.seal(b"288020122596", context=CONTEXT) for _ in range(100)}) == 100


@given(st.integers(0, 40), st.integers(1, 255))
def test_one_changed_byte_keeps_the_seal_shut(place: int, change: int) -> None:
    sealed = bytearray(secrets.seal(b"288020122596", context=CONTEXT))
    sealed[place] ^= change

    with pytest.raises(SealBroken):
        secrets.unseal(bytes(sealed), context=CONTEXT)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28])
def test_a_cut_value_keeps_the_seal_shut(length: int) -> None:
    sealed = secrets.seal(b"288020122596", context=CONTEXT)[:length]

    with pytest.raises(SealBroken):
        secrets.unseal(sealed, context=CONTEXT)


def test_a_value_moved_to_another_column_does_not_open() -> None:
    sealed = secrets.seal(b"288020122596", context=CONTEXT)

    with pytest.raises(SealBroken) as caught:
        secrets.unseal(sealed, context="customers:mobile")

    assert isinstance(caught.value, Broken)


def test_after_a_rotation_old_values_still_open_and_new_ones_use_the_new_key() -> None:
    ring = secrets.keys()
    old = secrets.seal(b"old", context=CONTEXT)
    index = secrets.blind_index("288020122596", purpose=CONTEXT)

    secrets.install_keys(ring.rotated())

    new = secrets.seal(b"new", context=CONTEXT)
    assert (old[0], new[0]) == (1, 2)
    assert secrets.unseal(old, context=CONTEXT) == b"old"
    assert secrets.blind_index("288020122596", purpose=CONTEXT) == index
    secrets.install_keys(ring)
    with pytest.raises(SealBroken, match="not on the ring"):
        secrets.unseal(new, context=CONTEXT)


def test_a_blind_index_depends_on_text_purpose_and_key() -> None:
    index = secrets.blind_index("288020122596", purpose="customers:civil_id")

    assert len(index) == secrets.BLIND_INDEX_BYTES
    assert secrets.blind_index("288020122596", purpose="customers:civil_id") == index
    assert secrets.blind_index("288020122597", purpose="customers:civil_id") != index
    assert secrets.blind_index("288020122596", purpose="gateway:civil_id") != index
    secrets.install_keys(KeyRing.generate())
    assert secrets.blind_index("288020122596", purpose="customers:civil_id") != index


def test_a_ring_is_made_once_and_read_ever_after(tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    first = KeyRing.load_or_create(folder)

    assert KeyRing.load_or_create(folder) == first
    assert stat.S_IMODE((folder / "keyring.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [file.name for file in folder.iterdir()] == ["keyring.json"]


def test_many_first_users_get_one_ring(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        rings = list(pool.map(lambda _: KeyRing.load_or_create(tmp_path / "keys"), range(32)))

    assert all(ring == rings[0] for ring in rings)


def test_a_ring_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    KeyRing.load_or_create(tmp_path)
    (tmp_path / "keyring.json").chmod(0o640)

    with pytest.raises(Fault, match="owner only"):
        KeyRing.load_or_create(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"current": 1, "sealing": {"1": "AA=="}}', "null"]
)
def test_a_broken_ring_is_a_fault_and_is_never_replaced(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keyring.json"
    file.write_text(text)
    file.chmod(0o600)

    with pytest.raises(Fault, match="key ring"):
        KeyRing.load_or_create(tmp_path)

    assert file.read_text() == text


def test_a_saved_rotation_is_what_the_next_process_reads(tmp_path: Path) -> None:
    rotated = KeyRing.load_or_create(tmp_path).rotated()

    rotated.save(tmp_path)

    assert KeyRing.load_or_create(tmp_path) == rotated
    assert rotated.current == 2


def test_a_ring_never_shows_its_keys() -> None:
    ring = KeyRing.generate()

    assert repr(ring) == "KeyRing(current=1)"
    assert len(ring.index_key_id) == 8
    assert ring.index_key_id != KeyRing.generate().index_key_id
    assert KeyRing.parse(ring.serialised()) == ring


@pytest.mark.parametrize(
    ("current", "sealing"), [(2, {1: bytes(32)}), (0, {0: bytes(32)}), (1, {1: bytes(31)})]
)
def test_a_ring_with_wrong_keys_is_refused(current: int, sealing: dict[int, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        KeyRing(current, sealing, bytes(32))


def test_without_keys_nothing_is_sealed() -> None:
    secrets._installed.clear()

    with pytest.raises(LookupError):
        secrets.seal(b"x", context=CONTEXT)


def test_secrets_work_without_django() -> None:
    program = "import sys; sys.modules['django'] = None; import tahseel.kernel.secrets; print(1)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout == "1\n"
