"""Everything jupyter_wrangler raises or warns about.

WranglerError
  x InvalidSpec (ValueError)        UnknownMethod · UnknownColumn · UnknownRow
                                    MethodDoesNotFit · UnknownArgument
                                    UnknownJobKind
  x InvalidData (ValueError)        EmptyFrame · DuplicateColumns · MixedTypes
                                    InfiniteValues · NothingObserved · TooFewDonors
                                    DatasetTooLarge · UnsupportedFrame
                                    SchemaMismatch · TooFewImputations
                                    UnreadableImputer · UnreadableFile
                                    RequestTooLarge
  x NotFound (LookupError)          DatasetNotFound · JobNotFound · UploadNotFound
                                    ResultNotFound
  x Conflict                        JobAlreadyFinished · ResultNotReady · NoResult
                                    UploadOutOfStep · DatasetInUse · DigestMismatch
                                    KeyUsedAlready · ResultInUse · ResultNotSaveable
                                    NoRecipe · NothingFinished · FileChanged
                                    FileTaken
  x JobFailed (RuntimeError)        JobTimedOut · JobQuarantined · OutOfMemory
  x ExpectationFailed (AssertionError)
  x JobCancelled (CancelledError)
  x WaitTimedOut (TimeoutError)
  x NotAllowed (PermissionError)    NotAuthenticated
  x QuotaExceeded
  x ServerUnreachable (ConnectionError)
                                    ServiceUnreachable · DatabaseUnreachable
                                    DatabaseBusy · RedisUnreachable · StorageUnreachable
                                    NoWorker · StackFailed · ServiceStarting
                                    ServiceNotConfigured
                                    InvalidSettings (ValueError)
  x StorageFull (OSError)           StorageQuotaExceeded
  x Internal (RuntimeError)         a bug of ours: nothing the caller did

WranglerWarning (UserWarning)       ColumnLeftAlone · ColumnNotUsed · NoSpread
                                    FewObserved · LongJob · OtherVersion
                                    MethodsChosenAgain · OriginUnknown

A message says what was found, what was wanted and what to do.  Each class has a
`code` (its name in snake case), which crosses process borders: the service puts
it into the problem body and the client raises the same class back.
"""

from __future__ import annotations

from jupyter_wrangler.errors.access import (
    NotAllowed,
    NotAuthenticated,
    QuotaExceeded,
    StorageFull,
    StorageQuotaExceeded,
)
from jupyter_wrangler.errors.base import (
    WranglerError,
)
from jupyter_wrangler.errors.codes import (
    by_code,
    from_code,
)
from jupyter_wrangler.errors.conflict import (
    Conflict,
    DatasetInUse,
    DigestMismatch,
    FileChanged,
    FileTaken,
    JobAlreadyFinished,
    KeyUsedAlready,
    NoRecipe,
    NoResult,
    NothingFinished,
    ResultInUse,
    ResultNotReady,
    ResultNotSaveable,
    UploadOutOfStep,
)
from jupyter_wrangler.errors.data import (
    DatasetTooLarge,
    DuplicateColumns,
    EmptyFrame,
    InfiniteValues,
    InvalidData,
    MixedTypes,
    NothingObserved,
    RequestTooLarge,
    SchemaMismatch,
    TooFewDonors,
    TooFewImputations,
    UnreadableFile,
    UnreadableImputer,
    UnsupportedFrame,
)
from jupyter_wrangler.errors.not_found import (
    DatasetNotFound,
    JobNotFound,
    NotFound,
    ResultNotFound,
    UploadNotFound,
)
from jupyter_wrangler.errors.outcome import (
    ExpectationFailed,
    Internal,
    JobCancelled,
    JobFailed,
    JobQuarantined,
    JobTimedOut,
    OutOfMemory,
    WaitTimedOut,
)
from jupyter_wrangler.errors.servers import (
    DatabaseBusy,
    DatabaseUnreachable,
    InvalidSettings,
    NoWorker,
    RedisUnreachable,
    ServerUnreachable,
    ServiceNotConfigured,
    ServiceStarting,
    ServiceUnreachable,
    StackFailed,
    StorageUnreachable,
)
from jupyter_wrangler.errors.spec import (
    InvalidSpec,
    MethodDoesNotFit,
    UnknownArgument,
    UnknownColumn,
    UnknownJobKind,
    UnknownMethod,
    UnknownRow,
)
from jupyter_wrangler.errors.wording import (
    listed,
    raising,
    shown,
)
from jupyter_wrangler.errors.wrangler_warnings import (
    ColumnLeftAlone,
    ColumnNotUsed,
    FewObserved,
    LongJob,
    MethodsChosenAgain,
    NoSpread,
    OriginUnknown,
    OtherVersion,
    WranglerWarning,
)

#: Set it to see all lines of this package in notebooks and in pytest.
full_tracebacks = False

__all__ = [
    "ColumnLeftAlone",
    "ColumnNotUsed",
    "Conflict",
    "DatabaseBusy",
    "DatabaseUnreachable",
    "DatasetInUse",
    "DatasetNotFound",
    "DatasetTooLarge",
    "DigestMismatch",
    "DuplicateColumns",
    "EmptyFrame",
    "ExpectationFailed",
    "FewObserved",
    "FileChanged",
    "FileTaken",
    "InfiniteValues",
    "Internal",
    "InvalidData",
    "InvalidSettings",
    "InvalidSpec",
    "JobAlreadyFinished",
    "JobCancelled",
    "JobFailed",
    "JobNotFound",
    "JobQuarantined",
    "JobTimedOut",
    "KeyUsedAlready",
    "LongJob",
    "MethodDoesNotFit",
    "MethodsChosenAgain",
    "MixedTypes",
    "NoRecipe",
    "NoResult",
    "NoSpread",
    "NoWorker",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "NothingFinished",
    "NothingObserved",
    "OriginUnknown",
    "OtherVersion",
    "OutOfMemory",
    "QuotaExceeded",
    "RedisUnreachable",
    "RequestTooLarge",
    "ResultInUse",
    "ResultNotFound",
    "ResultNotReady",
    "ResultNotSaveable",
    "SchemaMismatch",
    "ServerUnreachable",
    "ServiceNotConfigured",
    "ServiceStarting",
    "ServiceUnreachable",
    "StackFailed",
    "StorageFull",
    "StorageQuotaExceeded",
    "StorageUnreachable",
    "TooFewDonors",
    "TooFewImputations",
    "UnknownArgument",
    "UnknownColumn",
    "UnknownJobKind",
    "UnknownMethod",
    "UnknownRow",
    "UnreadableFile",
    "UnreadableImputer",
    "UnsupportedFrame",
    "UploadNotFound",
    "UploadOutOfStep",
    "WaitTimedOut",
    "WranglerError",
    "WranglerWarning",
    "by_code",
    "from_code",
    "full_tracebacks",
    "listed",
    "raising",
    "shown",
]

# People import, see and pickle them under the name of this package.
for _name in __all__:
    if isinstance(_found := globals()[_name], type):
        _found.__module__ = __name__
