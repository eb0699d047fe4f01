"""Keys, certificates, labels and records made in memory."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from guard.core.area import SLOT, WINDOW, WINDOW_SIZE, frame
from guard.core.certificate import Certificate, Role, sign_certificate
from guard.core.keyring import Keyring, make_keyring
from guard.core.label import Kind, Label, sign_label
from guard.core.record import FIRST_PREVIOUS, JournalHead, Record, record_hash, sign_record
from guard.core.ring import READ_BACK, TravelLog, archive_place, log_in, look_back, place
from guard.core.verdict import Access
from guard.org.keys import FileSigner

NOW = 1_790_000_000


def signer(number: int) -> FileSigner:
    """The same key for the same number."""
    return FileSigner(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


ROOT, ISSUER, HOST, STRANGER = (signer(number) for number in (1, 2, 3, 4))
ISSUER_CERTIFICATE = sign_certificate(
    Certificate(Role.ISSUER, ISSUER.public_key, "11" * 8, "", "cn", (), NOW, NOW + 1000), ROOT
)
KEYRING: Keyring = make_keyring(ROOT.public_key, [ISSUER_CERTIFICATE], NOW)[0]
HOST_CERTIFICATE = sign_certificate(
    Certificate(Role.HOST, HOST.public_key, "22" * 8, "33" * 8, "cn", (20,), NOW, NOW + 1000), ISSUER
)
LABEL = Label(
    medium_id="ab" * 16,
    generation=1,
    scheme="cn",
    level_codes=(20,),
    kind=Kind.WORK,
    networks=("33" * 8,),
    may_import=False,
    holder="张三",
    number="MG-0001",
    issued=NOW,
    expires=None,
    hardware="cd" * 32,
)


def cose(label: Label = LABEL, by: FileSigner = ISSUER) -> bytes:
    return sign_label(label, by)


def slots(first: bytes | None, second: bytes | None) -> tuple[bytes, bytes]:
    """Two slots with these COSE bytes, blank where None."""
    made = [frame(found, SLOT) if found is not None else bytes(SLOT) for found in (first, second)]
    return made[0], made[1]


def records(count: int, by: FileSigner = HOST, access: Access = Access.READ_WRITE) -> list[bytes]:
    """A chain of signed records."""
    made: list[bytes] = []
    for sequence in range(1, count + 1):
        record = Record(
            sequence=sequence,
            previous=record_hash(made[-1]) if made else FIRST_PREVIOUS,
            medium_id=LABEL.medium_id,
            generation=1,
            host_id="",
            network_id="",
            scheme="cn",
            host_level_codes=(),
            arrived=NOW,
            access=access,
            alarm=False,
            high_water_codes=(20,),
            journal=JournalHead(sequence, "5a" * 16),
        )
        made.append(sign_record(record, by, HOST_CERTIFICATE))
    return made


def medium(chain: list[bytes], block_size: int = 512) -> bytearray:
    """One MiB with these records in window and archive."""
    image = bytearray(1024 * 1024)
    for sequence, found in enumerate(chain, 1):
        block = frame(found, block_size, sequence=sequence)
        for offset in (place(sequence, block_size), archive_place(sequence, block_size)):
            image[offset : offset + block_size] = block
    return image


def read_log(image: bytes | bytearray, block_size: int = 512, most: int = READ_BACK, since: int = 0) -> TravelLog:
    """The travel log in the window of an image."""
    return log_in(bytes(image[WINDOW : WINDOW + WINDOW_SIZE]), LABEL.medium_id, KEYRING, block_size, most, since)


def read_back(image: bytes | bytearray, since: int, block_size: int = 512) -> tuple[TravelLog, list[int]]:
    """The travel log back to a record, holes filled from the archive; and the lengths of what was read for it."""
    search = look_back(read_log(image, block_size, since=max(1, since)), LABEL.medium_id, KEYRING, block_size, since)
    lengths = []
    try:
        offset, length = next(search)
        while True:
            lengths.append(length)
            offset, length = search.send(bytes(image[offset : offset + length]))
    except StopIteration as done:
        log: TravelLog = done.value
        return log, lengths
