"""Emoji that are written for characters, by the one-syllable name of what they show: 你🐴, 赌💰."""

from __future__ import annotations

_SHOWN = """
马🐴🐎 鸡🐔🐓 牛🐮🐂🐄 狗🐶🐕 猪🐷🐖 猫🐱🐈 蛇🐍 虎🐯🐅 鼠🐭🐀 兔🐰🐇 龙🐲🐉 羊🐑🐏 猴🐵🐒 鱼🐟 龟🐢 鸟🐦 熊🐻
鸭🦆 蛙🐸 虫🐛 象🐘 鬼👻 屎💩 火🔥 水💧 日☀🌞 月🌙 星⭐ 雪❄ 冰🧊 山⛰ 树🌲 花🌸🌹 云☁ 雨🌧 电⚡ 气💨 茶🍵
酒🍺🍷🥃 饭🍚 面🍜 辣🌶 药💊 毒☠ 烟🚬 针💉 枪🔫 刀🔪🗡 弹💣 炸💥 钱💰💵 赌🎰🎲 牌🃏 球⚽ 票🎫 车🚗 船🚢 家🏠
门🚪 床🛏 锁🔒 书📕📖 信✉ 笔🖊 线🧵 表⌚ 东🀀 南🀁 西🀂 北🀃 中🀄 男👨 女👩 爷👴 奶👵 口👄 舌👅 吻💋 眼👁 看👀
鼻👃 耳👂 手✋🖐 脚🦶 脑🧠 牙🦷 骨🦴 爱❤ 死💀⚰ 强💪 打👊 减➖ 除➗ 八🎱
"""
CHARACTERS = {picture: group[0] for group in _SHOWN.split() for picture in group[1:]}
"""Emoji to the character that it is written for."""
