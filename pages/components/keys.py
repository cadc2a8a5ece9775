"""Every key of `st.session_state`. What a person looks at is in the URL; here are only a tab's unsaved choices."""

# Language
LANGUAGE = "language"  #: a key of core.i18n.LANGUAGES
LANGUAGE_CHOSEN = "language_chosen"  #: whether the person picked it (URL or switch), not the browser
LANGUAGE_SWITCH = "language_switch"

# Uploads: the widget's own state is dropped as soon as the file is in the workspace
UPLOAD_TURN = "upload_turn"  #: prefix; counts up to give an uploader a fresh widget after each file
UPLOAD_ERROR = "upload_error"  #: prefix; the UserError of the last file that was refused, shown once

# Data
PASTED = "pasted_cells"
CHANGE = "change"  #: the changes.Change that was asked for and is not made yet
CATEGORIES_CHOSEN = "categories_chosen"  #: followed by the dataset's id
CATEGORIES_INTO = "categories_into"  #: followed by the dataset's id and the chosen categories
DELETE_WHAT = "delete_what"  #: followed by the dataset's id: "all" versions or "one"
REPLAY_FROM = "replay_from"  #: followed by the dataset's id: the table whose repairs are done again
DONE = "done"  #: the changes.Done of this tab's last change

# Rows of a dataset
ROWS_ASKED = "rows_asked"  #: followed by the parameter of the URL that the widget sets
ROWS_TABLE = "rows_table"  #: followed by what tells one table from another
ROWS_STAGED = "rows_staged"  #: the row_grid.Staged of the version that was last looked at
ROWS_NEW_LABEL = "rows_new_label"
ROWS_GIVE = "rows_give_label"  #: followed by the dataset's id

# Train
TRAIN_DATASET = "train_dataset"
TRAIN_BASE_MODEL = "train_base_model"  #: followed by the dataset's id
TRAIN_NAME = "train_name"
TRAIN_SEARCH_MINUTES = "train_search_minutes"
TRAIN_TRACKERS = "train_trackers"
TRAIN_DETAILS = "train_details"
TRAIN_CHANGES = "train_changes"  #: "dataset:preset:base model" -> settings that differ from the recommendation
TRAIN_FORM_TURN = "train_form_turn"  #: counts up to fill the form anew
TRAIN_TAKEN_OVER = "train_taken_over"  #: id of the run whose settings ?run= brought in, and what ?set= changed in them

# Train: a base model reads texts
PRETRAINING = "pretraining"  #: followed by the dataset's id
PRETRAINING_NAME = "pretraining_name"  #: followed by the dataset's id
PRETRAINING_REFUSED = "pretraining_refused"  #: why a base model could not be deleted, shown once

# Runs
RUNS_SEARCH = "runs_search"
RUNS_TABLE = "runs_table"  #: followed by what tells one list of runs from another
RUNS_NOTICE = "runs_notice"  #: what the next page should say once, e.g. NOTICE_UNDER_WAY
NOTICE_UNDER_WAY = "under_way"  #: the same training was already queued or running
RUNS_DATA_BETWEEN = "runs_data_between"
RUN_DETAILS = "run_details"  #: followed by the run's id
RUN_NAME = "run_name"  #: followed by the run's id

# Report: one exam cell and the way the matrix is shown; each is followed by the model's id
CELL_TRUTH = "cell_truth"
CELL_ANSWER = "cell_answer"
MATRIX = "matrix"
ALL_CATEGORIES = "all_categories"
WRONG_SEARCH = "wrong_search"
LABEL_OTHER = "label_other"  #: followed by the row under review

# Report: what goes out by itself; each is followed by the model's id
POLICY_HANDLE = "policy_handle"
POLICY_VALUE = "policy_value"  #: followed by the handle too
POLICY_OWN = "policy_own"  #: thresholds of single categories
POLICY_SAVED = "policy_saved"  #: what a toast says once on the page drawn anew
STRICTNESS = "strictness"  #: about "none of these", followed by the model
STRICTNESS_SAVED = "strictness_saved"
GOAL = "goal"  #: prefix of the goal form's fields, followed by the table's family

# Try it
TRY_TEXT = "try_text"  #: what stands in the box, followed by the model's id
TRY_LINES = "try_lines"  #: several texts, one a line, followed by the model's id
TRY_ASKED = "try_asked"  #: the text that was last sent, followed by the model's id
TRY_WHY = "try_why"  #: the id of a model and the Explanation of its last answer
TRY_AGAINST = "try_against"  #: the category of "why not", followed by the model's id
TRY_ABOUT = "try_about"  #: the category that the words of a text with several are weighed for
TRY_WHAT_IF = "try_what_if"  #: the changed text, followed by the model's id; with "_of" the text it started from
TRY_LEFT_OUT = "try_left_out"  #: places of the words that were clicked away, followed by the model's id
TRY_HISTORY = "try_history"  #: answers of this tab, newest first

# Try it: best matches; each but the last is followed by the model's id
MATCH_TEXT = "match_text"  #: what stands in the box
MATCH_ASKED = "match_asked"  #: the text that was last sent
MATCH_ROW = "match_row"  #: the row whose text was taken
MATCH_N = "match_n"
MATCH_LABEL = "match_label"  #: the category that means a match
MATCH_FOUND = "match_found"  #: what was asked, and the Matches it has

# Score a file
SCORE_UPLOAD = "score_upload"  #: the Upload waiting to be scored
SCORE_COLUMN = "score_column"  #: followed by the upload's sha256
SCORE_SUFFIX = "score_suffix"
