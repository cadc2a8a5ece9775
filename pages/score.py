"""Score a file."""

from core.i18n import gettext as _
from pages.components.layout import page_header

page_header(_("Score a file"))
