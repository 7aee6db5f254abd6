"""페이지마다 넓은 화면과 휴대전화로 한 번씩 열고, 여는 김에 볼 수 있는 것을 다 봅니다.

페이지를 여는 일이 비싸므로 보는 일(`checks/`)을 모아 둡니다. 하나가 틀려도 나머지를 마저 보고, 틀린
것의 이름을 모두 알립니다. 넓은 화면은 어두운 시스템의, 휴대전화는 밝은 시스템의 독자입니다.
"""

import pytest
from checks import access, axe, frame, korean, listings, load, paper
from playwright.sync_api import Error
from reader import PAGES

WIDE = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"}
PHONE = {"viewport": {"width": 360, "height": 800}, "reduced_motion": "reduce"}
# 차례가 있습니다: 페이지를 바꾸어 놓는 것일수록 뒤에 둡니다.
CHECKS = [
    (WIDE, [
        load.loads_quietly,
        load.loads_lightly,
        listings.most_code_is_not_drawn_before_it_is_near,
        listings.the_place_kept_for_code_fits,
        korean.interface_speaks_korean,
        korean.page_says_its_language_and_subject,
        korean.no_markdown_marks_are_left,
        frame.title_leads_to_the_front_page,
        frame.there_is_one_way_to_search,
        frame.every_slider_has_a_name_and_a_spoken_value,
        load.shows_only_the_book_font,
        load.takes_only_its_own_fonts,
        access.words_in_figures_stand_out,
        paper.everything_is_on_the_paper,
    ]),
    (PHONE, [
        access.fits_a_phone,
        frame.there_is_one_way_to_search,
        listings.code_far_below_is_reached_before_it_is_drawn,
        listings.the_place_kept_for_code_fits,
        listings.last_section_is_where_its_link_leads,
        listings.only_wide_boxes_are_tab_stops,
        axe.axe_finds_nothing_at_any_width_in_either_scheme,
    ]),
]  # fmt: skip


def answer(check, reader):
    """찾은 것. 보다가 막힌 것도 찾은 것입니다. 그래야 나머지를 마저 봅니다."""
    try:
        return check(reader)
    except Error as error:
        return str(error)


def problems(reader, view, checks) -> list[str]:
    wide = view["viewport"]["width"]
    found = {check.__name__: answer(check, reader) for check in checks}
    return [f"{name} ({wide}px): {told}" for name, told in found.items() if told]


@pytest.mark.parametrize("path", PAGES)
def test_page_is_sound(read, path):
    wrong = []
    for view, checks in CHECKS:
        wrong += problems(read(path, **view), view, checks)
    assert not wrong, "\n".join(wrong)
