"""The shipped categories of text: what is illegal, what may affect minors, and what products usually keep out besides.

Sources: `CAC-5:6` is the Provisions on the Governance of the Online Information Content Ecosystem (2020-03-01), article 6
(eleven illegal items; wording after secondary sources); `MAC` is the classification of online information that may affect
minors (eight ministries, 2026-03-01; article 3's items 1, 2, 7, 9 and 10 are verified by secondary sources, the numbers of
the others are not); `R766` is the State Council's Order 766. A category without a source is a custom of the trade. Which
words belong to a category is for the owner of a list to say: the law names kinds of content, not words.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Literal, NamedTuple

from minorguard.model.sections import TextAction

Group = Literal["illegal", "may_affect", "product"]


class Category(NamedTuple):
    """One category. Subcategories are written with a dot (`drugs.misuse`) and inherit what a policy says of the parent."""

    code: str
    group: Group
    action: TextAction
    """What becomes of it where neither the list nor a policy says."""
    source: str
    en: str
    zh: str


_TABLE = """
illegal    constitution        review CAC-5:6(1)    | opposing the constitution's basic principles | 反对宪法所确定的基本原则
illegal    state_security      review CAC-5:6(2)    | endangering national security, leaking state secrets, subversion | 危害国家安全、泄露国家秘密、颠覆国家政权
illegal    state_honour        review CAC-5:6(3)    | harming the nation's honour and interests | 损害国家荣誉和利益
illegal    heroes              review CAC-5:6(4)    | slandering heroes and martyrs | 歪曲、丑化、亵渎、否定英雄烈士
illegal    terrorism           block  CAC-5:6(5)    | terrorism and extremism | 宣扬恐怖主义、极端主义
illegal    ethnic_hatred       block  CAC-5:6(6)    | inciting ethnic hatred or discrimination | 煽动民族仇恨、民族歧视
illegal    cults               block  CAC-5:6(7)    | cults and feudal superstition | 宣扬邪教和封建迷信
illegal    rumours             review CAC-5:6(8)    | rumours that disturb the economic or social order | 散布谣言，扰乱经济秩序和社会秩序
illegal    sexual              block  CAC-5:6(9)    | obscenity and pornography | 散布淫秽、色情
illegal    gambling            block  CAC-5:6(9)    | gambling | 赌博
illegal    violence            block  CAC-5:6(9)    | violence, murder, terror, abetting crime | 暴力、凶杀、恐怖、教唆犯罪
illegal    drugs               block  CAC-5:6(11)   | drugs and their trade | 毒品及其交易
illegal    weapons             block  CAC-5:6(11)   | weapons and explosives and their trade | 枪支弹药、爆炸物及其交易
illegal    fraud               block  CAC-5:6(11)   | fraud and swindling | 诈骗
illegal    insult              review CAC-5:6(10)   | insulting or defaming others, infringing their rights | 侮辱、诽谤他人，侵害他人合法权益
illegal    other_illegal       review CAC-5:6(11)   | other content that laws and regulations forbid | 法律、行政法规禁止的其他内容
may_affect sexual.suggestive   review MAC:3(1)      | sexual innuendo | 性暗示、性挑逗
may_affect abuse               mask   MAC:3(2)      | cyber-violence, mockery, abuse | 网络暴力、嘲讽、辱骂
may_affect discrimination      review MAC:3         | group and regional discrimination | 群体歧视、地域歧视
may_affect misuse              review MAC:3(7)      | smoking, vaping, alcohol, binge eating, tattoos, drug misuse | 吸烟、电子烟、饮酒、暴食、文身、滥用药物
may_affect idol_chasing        review MAC:3(9)      | blind idol chasing, fan circles | 盲目追星、饭圈
may_affect topup               review MAC:3(10)     | inducing top-ups and tipping | 诱导充值、打赏
may_affect self_harm           review MAC:3         | self-harm, suicide, extreme emotions | 自残、自杀、极端情绪
may_affect dangerous_acts      review MAC:3         | dangerous acts that may be imitated | 诱导模仿的危险行为
may_affect bullying            review MAC:3         | bullying and truancy | 欺凌、逃学
may_affect cheating            review MAC:3         | cheating and ghost-writing | 作弊、代写
may_affect slang               mask   MAC:3         | vulgar internet slang | 不良网络用语
may_affect companionship       review MAC:3         | paid companions and boosting | 陪玩、代练
may_affect values              review MAC:class-2   | luxury, decadence, distorted beauty, pseudo-science | 炫富、颓废、畸形审美、伪科学
may_affect image_misuse        review MAC:class-3   | misuse of minors' image | 不当使用未成年人形象
may_affect minors_data         review MAC:class-4   | disclosing minors' information | 不当披露、使用未成年人信息
product    account_rental      block  R766:46       | renting and selling game accounts | 租借、买卖游戏账号
product    private_information review R766:38       | private information of a minor | 未成年人私密信息
product    contact             review -             | luring to contact elsewhere | 引流、索要联系方式
product    ads                 review -             | advertising and spam | 广告、垃圾信息
product    other               review -             | anything else | 其他
"""


def _categories() -> Iterator[Category]:
    for line in _TABLE.strip().splitlines():
        head, en, zh = (part.strip() for part in line.split("|"))
        group, code, action, source = head.split()
        yield Category(code, group, TextAction(action), "" if source == "-" else source, en, zh)  # type: ignore[arg-type]


TAXONOMY = MappingProxyType({category.code: category for category in _categories()})
"""Every shipped category by its code."""

DEFAULT_ACTIONS = MappingProxyType({code: category.action for code, category in TAXONOMY.items()})
"""What becomes of a category where neither list nor policy says; of one that is not in the table, `review`."""
