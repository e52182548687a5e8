"""What the shipped categories of text are called, in Chinese and English; `minorguard.content.TAXONOMY` has more."""

from __future__ import annotations

from types import MappingProxyType

NAMES = MappingProxyType(
    {
        "constitution": ("反对宪法所确定的基本原则", "opposing the constitution's basic principles"),
        "state_security": (
            "危害国家安全、泄露国家秘密、颠覆国家政权",
            "endangering national security, leaking state secrets, subversion",
        ),
        "state_honour": ("损害国家荣誉和利益", "harming the nation's honour and interests"),
        "heroes": ("歪曲、丑化、亵渎、否定英雄烈士", "slandering heroes and martyrs"),
        "terrorism": ("宣扬恐怖主义、极端主义", "terrorism and extremism"),
        "ethnic_hatred": ("煽动民族仇恨、民族歧视", "inciting ethnic hatred or discrimination"),
        "cults": ("宣扬邪教和封建迷信", "cults and feudal superstition"),
        "rumours": ("散布谣言，扰乱经济秩序和社会秩序", "rumours that disturb the economic or social order"),
        "sexual": ("散布淫秽、色情", "obscenity and pornography"),
        "gambling": ("赌博", "gambling"),
        "violence": ("暴力、凶杀、恐怖、教唆犯罪", "violence, murder, terror, abetting crime"),
        "drugs": ("毒品及其交易", "drugs and their trade"),
        "weapons": ("枪支弹药、爆炸物及其交易", "weapons and explosives and their trade"),
        "fraud": ("诈骗", "fraud and swindling"),
        "insult": ("侮辱、诽谤他人，侵害他人合法权益", "insulting or defaming others, infringing their rights"),
        "other_illegal": ("法律、行政法规禁止的其他内容", "other content that laws and regulations forbid"),
        "sexual.suggestive": ("性暗示、性挑逗", "sexual innuendo"),
        "abuse": ("网络暴力、嘲讽、辱骂", "cyber-violence, mockery, abuse"),
        "discrimination": ("群体歧视、地域歧视", "group and regional discrimination"),
        "misuse": (
            "吸烟、电子烟、饮酒、暴食、文身、滥用药物",
            "smoking, vaping, alcohol, binge eating, tattoos, drug misuse",
        ),
        "idol_chasing": ("盲目追星、饭圈", "blind idol chasing, fan circles"),
        "topup": ("诱导充值、打赏", "inducing top-ups and tipping"),
        "self_harm": ("自残、自杀、极端情绪", "self-harm, suicide, extreme emotions"),
        "dangerous_acts": ("诱导模仿的危险行为", "dangerous acts that may be imitated"),
        "bullying": ("欺凌、逃学", "bullying and truancy"),
        "cheating": ("作弊、代写", "cheating and ghost-writing"),
        "slang": ("不良网络用语", "vulgar internet slang"),
        "companionship": ("陪玩、代练", "paid companions and boosting"),
        "values": ("炫富、颓废、畸形审美、伪科学", "luxury, decadence, distorted beauty, pseudo-science"),
        "image_misuse": ("不当使用未成年人形象", "misuse of minors' image"),
        "minors_data": ("不当披露、使用未成年人信息", "disclosing minors' information"),
        "account_rental": ("租借、买卖游戏账号", "renting and selling game accounts"),
        "private_information": ("未成年人私密信息", "private information of a minor"),
        "contact": ("引流、索要联系方式", "luring to contact elsewhere"),
        "ads": ("广告、垃圾信息", "advertising and spam"),
        "other": ("其他", "anything else"),
    }
)
"""Code to its Chinese and English name."""


def names_of(code: str) -> tuple[str, str]:
    """The names of a category, or of the nearest one above it (`drugs` of `drugs.soft`); a list's own is its code."""
    name = code
    while name not in NAMES and "." in name:
        name = name.rpartition(".")[0]
    return NAMES.get(name, (code, code))
