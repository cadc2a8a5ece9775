"""Data: bring a table, see how it is read, and what is in it."""

from core.i18n import gettext as _
from pages.components.layout import page_header

page_header(_("Data"), _("Bring examples, see how they are read, and what to mend."))
