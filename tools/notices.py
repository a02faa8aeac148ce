"""Make the pictures of the notice that renditions are painted with: `python -m tools.notices FONT.ttf [LANGUAGE...]`.

Made once, and again only if the words change; the portal needs neither this nor a font. The pictures there are now were made with DejaVu
Sans (Debian: fonts-dejavu-core), and the Chinese one with Droid Sans Fallback (fonts-droid-fallback). Pillow joins Arabic letters where
it was built with Raqm, as its wheels are. Each picture holds its words, so that a test sees whether they are still those of the notice.
"""

import sys
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin, features

from portal.confidentiality.render.notice import LETTERS, NOTICES, PICTURES
from portal.confidentiality.render.words import right_to_left

_LEVELS = 17  # between two of the sixteen greys


def draw(text: str, language: str, font: ImageFont.FreeTypeFont) -> Image.Image:
    """White words on black, as high as a line of the font, cut off at the sides where their ink ends."""
    above, below = font.getmetrics()
    direction = "rtl" if right_to_left(text) else "ltr"
    wide = int(font.getlength(text, direction=direction, language=language)) + 2 * LETTERS
    image = Image.new("L", (wide, above + below), 0)
    ImageDraw.Draw(image).text((LETTERS, 0), text, fill=255, font=font, direction=direction, language=language)
    left, _, right, _ = image.getbbox() or (0, 0, wide, 0)
    return image.crop((left, 0, right, image.height)).point(lambda level: round(level / _LEVELS) * _LEVELS)


def main(arguments: Sequence[str]) -> int:
    if not arguments or not set(arguments[1:]) <= set(NOTICES) or not features.check("raqm"):
        print(__doc__)
        return 2
    font = ImageFont.truetype(arguments[0], LETTERS, layout_engine=ImageFont.Layout.RAQM)
    for language in arguments[1:] or NOTICES:
        about = PngImagePlugin.PngInfo()
        about.add_itxt("Title", NOTICES[language], lang=language)
        draw(NOTICES[language], language, font).save(PICTURES / f"{language}.png", optimize=True, pnginfo=about)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
