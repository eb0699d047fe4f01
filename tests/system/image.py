"""The guest: a small Debian with systemd, udev, udisks and polkit, built once and kept by the content of its recipe."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SIZE = "4G"
SUITES = ("bookworm", "trixie")
_TRAY = Path(__file__).resolve().parents[2] / "packaging/deb/media-guard-tray.control"
PACKAGES = (
    "systemd-sysv,udev,dbus,linux-image-amd64,initramfs-tools,kmod,udisks2,polkitd,openssh-server,libpam-systemd,"
    "cryptsetup-initramfs,"  # asks for a passphrase before the root file system is there
    "python3,exfatprogs,dosfstools,e2fsprogs,fdisk,iproute2,usbutils,procps,util-linux-extra,strace,"
    "dbus-user-session,xvfb,openbox,dunst,xdotool,fonts-wqy-microhei,hicolor-icon-theme,ntfs-3g"
)
_POLKIT = """polkit.addRule(function(action, subject) {
  if (action.id.indexOf("org.freedesktop.udisks2.filesystem-") == 0 && (subject.user == "alice" || subject.user == "bob"))
    return polkit.Result.YES;
});
"""
_FILES = {
    "etc/hostname": "guest\n",
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/systemd/network/eth0.network": "[Match]\nName=eth0\n[Network]\nDHCP=yes\n",
    "etc/ssh/sshd_config.d/test.conf": "PermitRootLogin yes\nUseDNS no\nMaxSessions 64\n",
    "etc/polkit-1/rules.d/10-test.rules": _POLKIT,
    "etc/systemd/system/getty@tty1.service.d/autologin.conf": (
        "[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin alice --noclear tty1 linux\nType=simple\n"
    ),
    # A package that wants a new initramfs would have an emulated guest at it for minutes: the test that needs one makes it.
    "etc/initramfs-tools/update-initramfs.conf": "update_initramfs=no\nbackup_initramfs=no\n",
    "etc/initramfs-tools/conf.d/test.conf": "COMPRESSLEVEL=1\n",
    "etc/systemd/journald.conf.d/test.conf": "[Journal]\nStorage=volatile\nRateLimitBurst=0\n",
    "etc/systemd/system.conf.d/test.conf": "[Manager]\nDefaultTimeoutStartSec=60s\n",
}
_MASKED = (
    "serial-getty@ttyS0.service",
    "systemd-timesyncd.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "dpkg-db-backup.timer",
    "systemd-networkd-wait-online.service",
    "getty@tty2.service",
)
_SETUP = """set -eu
useradd -m -u 1000 -s /bin/bash alice
useradd -m -u 1001 -s /bin/bash bob
passwd -d alice >/dev/null
systemctl enable systemd-networkd ssh >/dev/null 2>&1
ssh-keygen -A >/dev/null
"""


@dataclass(frozen=True, slots=True)
class Image:
    """Files of a built guest."""

    disk: Path
    kernel: Path
    initrd: Path
    key: Path


def image(suite: str = SUITES[0]) -> Image:
    """The guest of a Debian release, built if it is not there; takes two minutes the first time."""
    recipe = hashlib.sha256((Path(__file__).read_text() + _tray_needs(suite) + suite).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "media-guard" / "vm" / f"{suite}-{recipe}"
    if not (cache / "complete").exists():
        shutil.rmtree(cache, ignore_errors=True)
        cache.mkdir(parents=True)
        _build(cache, suite)
        (cache / "complete").touch()
    return Image(cache / "root.img", cache / "vmlinuz", cache / "initrd", cache / "key")


def _tray_needs(suite: str) -> str:
    """What the tray's package depends on: the guest has no way to fetch it. Of two names the second is the newer release's."""
    (line,) = [line for line in _TRAY.read_text().splitlines() if line.startswith("Depends:")]
    either = [part.split("|") for part in line.removeprefix("Depends:").split(",")]
    return ",".join(names[0 if suite == SUITES[0] else -1].split()[0] for names in either)


def _build(cache: Path, suite: str) -> None:
    print(f"Building the {suite} guest in {cache}: about two minutes, once.", file=sys.stderr)
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(cache / "key"))
    overlay, setup = cache / "overlay", cache / "setup"
    for name, text in _FILES.items():
        (overlay / name).parent.mkdir(parents=True, exist_ok=True)
        (overlay / name).write_text(text)
    for user in ("root", "home/alice", "home/bob"):
        (overlay / user / ".ssh").mkdir(parents=True, mode=0o700)
        (overlay / user / ".ssh" / "authorized_keys").write_text((cache / "key.pub").read_text())
    for unit in _MASKED:
        (overlay / "etc/systemd/system").mkdir(parents=True, exist_ok=True)
        (overlay / "etc/systemd/system" / unit).symlink_to("/dev/null")
    setup.write_text(_SETUP)
    root = cache / "root.tar"
    _run(
        "mmdebstrap",
        "--variant=minbase",
        f"--include={PACKAGES},{_tray_needs(suite)}",
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        f"--customize-hook=copy-in {overlay}/etc {overlay}/root {overlay}/home /",
        f"--customize-hook=upload {setup} /setup",
        '--customize-hook=chroot "$1" sh /setup',
        '--customize-hook=chroot "$1" chown -R root:root /root /etc/ssh',
        '--customize-hook=chroot "$1" chown -R alice:alice /home/alice',
        '--customize-hook=chroot "$1" chown -R bob:bob /home/bob',
        '--customize-hook=rm -f "$1/setup"',
        f'--customize-hook=cp "$1"/boot/vmlinuz-* {cache}/vmlinuz',
        f'--customize-hook=cp "$1"/boot/initrd.img-* {cache}/initrd',
        "--skip=cleanup/reproducible",
        suite,
        str(root),
        quiet=True,
    )
    tree = cache / "tree"
    tree.mkdir()
    left_out = (
        "--exclude=./dev/*",
        "--exclude=./boot/vmlinuz*",
        "--exclude=./boot/initrd*",
        "--exclude=./boot/System.map*",
    )
    _run("tar", "-xf", str(root), "-C", str(tree), *left_out, "--numeric-owner")
    root.unlink()
    _run("mke2fs", "-q", "-t", "ext4", "-d", str(tree), str(cache / "root.img"), SIZE)
    shutil.rmtree(tree)
    shutil.rmtree(overlay)


def _run(*command: str, quiet: bool = False) -> None:
    done = subprocess.run(command, check=False, capture_output=quiet, text=True)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{(done.stderr or '')[-3000:]}")


if __name__ == "__main__":  # before the tests, so that no test's time limit has to hold for the building
    for name in SUITES if os.environ.get("MEDIA_GUARD_RELEASES") else SUITES[:1]:
        image(name)
