"""What crosses a process border, as pydantic models.

Requests refuse unknown fields; views (what the service answers) ignore them, so
that an older client can read a newer service.  Words: a *job* is one run of a
*spec* on a *dataset version*; a *part* is one of its pieces that a worker runs;
an *imputation* fills holes, `imputation` k of m is numbered from 0.
"""

from jupyter_wrangler.contract.base import (
    Name,
    Request,
    Scalar,
    Sha256,
    View,
)
from jupyter_wrangler.contract.correlation import (
    ColumnLeftOut,
    CorrelatedColumn,
    CorrelationDocument,
    Measure,
    MissingCorrelation,
)
from jupyter_wrangler.contract.datasets import (
    CHUNK,
    ColumnInfo,
    Dataset,
    DatasetPatch,
    DatasetRequest,
    DatasetVersion,
    Upload,
    UploadRequest,
)
from jupyter_wrangler.contract.health import (
    Health,
    Problem,
)
from jupyter_wrangler.contract.jobs import (
    DatasetPage,
    Job,
    JobError,
    JobPage,
    JobRequest,
    Page,
    PartMessage,
    Progress,
)
from jupyter_wrangler.contract.leaderboard import (
    BASELINE,
    ColumnScore,
    ColumnTrial,
    JudgedColumn,
    LeaderboardDocument,
    Scores,
    Standing,
    Trial,
)
from jupyter_wrangler.contract.limits import (
    Me,
    Quota,
    QuotaPatch,
    Usage,
)
from jupyter_wrangler.contract.results import (
    ColumnSummary,
    Convergence,
    Findings,
    ImputationSummary,
    LoggedEvent,
    PartResult,
    Preview,
    ResultManifest,
)
from jupyter_wrangler.contract.specs import (
    BLOCK,
    AnalysisSpec,
    AnySpec,
    ComparisonSpec,
    CorrelationSpec,
    ImputationSpec,
    JobKind,
    Spec,
    VisitOrder,
)
from jupyter_wrangler.contract.states import (
    FINAL,
    JobState,
)

__all__ = [
    "BASELINE",
    "BLOCK",
    "CHUNK",
    "FINAL",
    "AnalysisSpec",
    "AnySpec",
    "ColumnInfo",
    "ColumnLeftOut",
    "ColumnScore",
    "ColumnSummary",
    "ColumnTrial",
    "ComparisonSpec",
    "Convergence",
    "CorrelatedColumn",
    "CorrelationDocument",
    "CorrelationSpec",
    "Dataset",
    "DatasetPage",
    "DatasetPatch",
    "DatasetRequest",
    "DatasetVersion",
    "Findings",
    "Health",
    "ImputationSpec",
    "ImputationSummary",
    "Job",
    "JobError",
    "JobKind",
    "JobPage",
    "JobRequest",
    "JobState",
    "JudgedColumn",
    "LeaderboardDocument",
    "LoggedEvent",
    "Me",
    "Measure",
    "MissingCorrelation",
    "Name",
    "Page",
    "PartMessage",
    "PartResult",
    "Preview",
    "Problem",
    "Progress",
    "Quota",
    "QuotaPatch",
    "Request",
    "ResultManifest",
    "Scalar",
    "Scores",
    "Sha256",
    "Spec",
    "Standing",
    "Trial",
    "Upload",
    "UploadRequest",
    "Usage",
    "View",
    "VisitOrder",
]
