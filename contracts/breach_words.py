"""What is a breach about, in Chinese and English? A penalty record names each by its kind and number: `receipt:LOT-1`.

The kind is the link of a handover, or what a department recorded and the judge keeps as an exhibit.
"""

from contracts.words import LINKS

EXHIBITS = {
    "attributions": ("责任判定", "Attribution"),
    "complaints": ("客诉", "Complaint"),
    "findings": ("违规认定", "Finding"),
    "finished_operations": ("完工的工序", "Finished operation"),
    "five_s_audits": ("5S检查", "5S audit"),
    "missing_documents": ("缺失资料", "Missing document"),
    "purchase_breaches": ("采购违规", "Purchase breach"),
    "stock_counts": ("盘点", "Stock count"),
    "uninspected_uses": ("未检使用", "Uninspected use"),
}


def kind_of(link: str) -> tuple[str, str]:
    """What the first part of a breach's name stands for."""
    return LINKS.get(link) or EXHIBITS.get(link, (link, link))


def called(about: str) -> tuple[str, str]:
    """A breach by its kind and its number."""
    link, _, key = about.partition(":")
    zh, en = kind_of(link)
    return f"{zh} {key}", f"{en} {key}"
