"""Every key of `st.session_state`. What a person looks at is in the URL; here are only a tab's unsaved choices."""

# Language
LANGUAGE = "language"  #: a key of core.i18n.LANGUAGES
LANGUAGE_CHOSEN = "language_chosen"  #: whether the person picked it (URL or switch), not the browser
LANGUAGE_SWITCH = "language_switch"

# Data: what was received in this tab, by upload sha256
FILENAMES = "filenames"  #: sha256 -> the name the person gave the file
UPLOAD_TURN = "upload_turn"  #: counts up to give an uploader a fresh widget after each file
UPLOAD_ERROR = "upload_error"  #: the UserError of the last file that was refused, shown once
