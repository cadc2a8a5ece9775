"""Tools that keep the curves of a run besides Tunedesk itself: one file each, imported only when chosen."""

from core.registry import Registry
from core.tracking.mlflow import MLflow
from core.tracking.protocol import Tracker
from core.tracking.tensorboard import TensorBoard
from core.tracking.wandb import WeightsAndBiases

TRACKERS: Registry[Tracker] = Registry("tracker", TensorBoard(), MLflow(), WeightsAndBiases())
