"""A kernel that can stop at a pulled stick is named; one that is mended, or that nobody can tell of, is not."""

import pytest

from guard.usb.kernel import kernel_fault


@pytest.mark.parametrize(
    "number", ["5.10.226-1", "6.1.76-1", "6.1.83-1", "6.5.10-1~bpo12+1", "6.6.13-1~bpo12+1", "6.7.9-2"]
)
def test_a_kernel_without_the_mend_is_named(number: str) -> None:
    fault = kernel_fault(f"#1 SMP PREEMPT_DYNAMIC Debian {number} (2024-02-01)")
    assert fault is not None
    assert (fault.code, fault.facts["kernel"]) == ("kernel-old", number.partition("-")[0])


@pytest.mark.parametrize(
    "version",
    [
        "#1 SMP PREEMPT_DYNAMIC Debian 6.1.84-1 (2024-04-11)",
        "#1 SMP PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)",
        "#1 SMP PREEMPT_DYNAMIC Debian 6.7.12-1~bpo12+1 (2024-05-06)",
        "#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 (2025-09-20)",
        "#38-Ubuntu SMP PREEMPT_DYNAMIC Fri Jun  7 15:25:01 UTC 2024",
        "#1 SMP Debian 6.1 (of nobody)",
        "",
    ],
)
def test_a_mended_or_an_unknown_kernel_is_not(version: str) -> None:
    assert kernel_fault(version) is None
