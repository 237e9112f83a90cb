"""Valid credit codes for invented enterprises (演示数据)."""

from stdnum.cn import uscc


def credit_code(division_code: str, serial: int) -> str:
    """91 (an enterprise), the division, a nine-character number that no register gives (DEM and the serial), the check character."""
    body = f"91{division_code}DEM{serial:06d}"
    return body + uscc.calc_check_digit(body)
