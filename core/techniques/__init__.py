"""Training techniques: one file each, registered here."""

from core.registry import Registry
from core.techniques.draft import DraftOnly
from core.techniques.full import FullFineTuning
from core.techniques.lora import LoRA
from core.techniques.protocol import Technique

TECHNIQUES: Registry[Technique] = Registry("technique", FullFineTuning(), LoRA(), DraftOnly())
