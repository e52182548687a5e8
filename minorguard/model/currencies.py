"""Currencies by their ISO 4217 codes, and amounts of their minor units as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
        CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
        JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
        NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
        SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
}
CURRENCIES: Mapping[str, int] = MappingProxyType(
    {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}
)
"""The decimals of each currency that is known, by its code."""


def in_words(units: int, code: str) -> tuple[str, str]:
    """An amount of minor units in Chinese and English; of a currency that is not known, the bare minor units.

    >>> in_words(5050, "CNY"), in_words(50, "JPY")
    (('50.50元', 'CNY 50.50'), ('50 JPY', 'JPY 50'))
    """
    decimals = CURRENCIES.get(code, 0)
    whole, part = divmod(units, 10**decimals)
    written = f"{whole}.{part:0{decimals}}" if decimals else str(whole)
    return f"{written}元" if code == "CNY" else f"{written} {code}", f"{code} {written}"
