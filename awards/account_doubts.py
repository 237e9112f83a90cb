"""What looks wrong about a bank account but may be right: a second person has to say how it was cleared up. Pure.

FINANCE.md 3.5: the check digit of a CNAPS bank code is ISO 7064 Mod 11,10, with exceptions in public lists; corporate
accounts have no common check rule, and some have the twelve digits of a bank code; Luhn is for cards only.
"""

from stdnum import luhn
from stdnum.iso7064 import mod_11_10

BANK_CODE_LENGTH = 12
# First three digits of the codes of Chinese banks: state-owned, policy, joint-stock and city banks, co-operatives.
PREFIXES = frozenset(
    str(number) for number in (*range(102, 106), *range(201, 204), *range(301, 326), *range(401, 404))
)
CARD_LENGTHS = range(16, 20)


def bank_code_fits(bank_code: str) -> bool:
    return len(bank_code) == BANK_CODE_LENGTH and mod_11_10.is_valid(bank_code)


def doubts(number: str, bank_code: str, *, personal: bool) -> list[str]:
    """Keys of `wording.ACCOUNT_DOUBTS`; numbers as text of digits, `personal` for an account of a person."""
    found = []
    if bank_code and not bank_code_fits(bank_code):
        found.append("bank_code")
    if number[:3] in PREFIXES and bank_code_fits(number):
        found.append("like_bank_code")
    if personal and (len(number) not in CARD_LENGTHS or not luhn.is_valid(number)):
        found.append("card")
    return found
