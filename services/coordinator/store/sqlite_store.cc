#include "services/coordinator/store/sqlite_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/ids/random_id.h"
#include "services/common/status/status_macros.h"
#include "services/coordinator/store/record_codec.h"

namespace drover::coordinator {
namespace {

constexpr char kSchema[] = R"(
  CREATE TABLE IF NOT EXISTS epochs (epoch INTEGER PRIMARY KEY, nonce TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS adopted_epochs (
    epoch INTEGER NOT NULL, nonce TEXT NOT NULL, PRIMARY KEY (epoch, nonce));
  CREATE TABLE IF NOT EXISTS nodes (id TEXT UNIQUE NOT NULL, record BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS applications (id TEXT UNIQUE NOT NULL, record BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS migrations (id TEXT UNIQUE NOT NULL, record BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS deployments (id TEXT UNIQUE NOT NULL, record BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS decisions (
    migration TEXT PRIMARY KEY NOT NULL, decision TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS audit (
    time_ns INTEGER NOT NULL, caller TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
    outcome TEXT NOT NULL);
  PRAGMA user_version = 1;
)";

// One prepared statement with its values bound.
class Statement {
 public:
  Statement(sqlite3* database, const std::string& sql) : database_(database) {
    sqlite3_prepare_v2(database, sql.c_str(), -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int64_t value) {
    if (statement_ != nullptr) sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& Bind(const std::string& value) {
    if (statement_ != nullptr) {
      sqlite3_bind_text(statement_, ++bound_, value.data(), static_cast<int>(value.size()),
                        SQLITE_TRANSIENT);
    }
    return *this;
  }
  Statement& BindBlob(const std::string& value) {
    if (statement_ != nullptr) {
      sqlite3_bind_blob(statement_, ++bound_, value.data(), static_cast<int>(value.size()),
                        SQLITE_TRANSIENT);
    }
    return *this;
  }

  // Runs to the end; calls `on_row` for each row.
  absl::Status Run(const std::function<absl::Status()>& on_row = nullptr) {
    while (true) {
      const int code = statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_);
      if (code == SQLITE_DONE) return absl::OkStatus();
      if (code != SQLITE_ROW) {
        return absl::UnknownError(
            absl::StrCat("the coordinator's store: ", sqlite3_errmsg(database_)));
      }
      if (on_row != nullptr) DROVER_RETURN_IF_ERROR(on_row());
    }
  }

  int64_t Integer(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string Bytes(int column) const {
    const void* data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return data == nullptr ? "" : std::string(static_cast<const char*>(data), size);
  }

 private:
  sqlite3* const database_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
};

// `COMMIT` or `ABORT`; empty while neither is decided.
std::string DecisionOf(const MigrationRecord& record) {
  if (IsCommitted(record.state)) return "COMMIT";
  return IsBeforeCommit(record.state) ? "" : "ABORT";
}

// Where a copy is while it is made, and SQLite's own file beside it.
void RemoveCopy(const std::string& path) {
  unlink(path.c_str());
  unlink((path + "-journal").c_str());
}

std::string CopyPath(const std::string& path) { return path + ".backup"; }

// What a change is about, as its failpoints are named.
std::string WhatOf(const Change& change) {
  if (change.recovery.has_value()) return "recovery";
  if (!change.migrations.empty()) return MigrationStateName(change.migrations.front().state);
  if (!change.deployments.empty()) return "deployment";
  if (!change.applications.empty() || !change.removed_applications.empty()) return "application";
  if (!change.nodes.empty() || !change.removed_nodes.empty()) return "node";
  return "counters";
}

}  // namespace

class SqliteStore::Database {
 public:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  ~Database() { sqlite3_close(handle_); }

  Statement Prepare(const std::string& sql) { return Statement(handle_, sql); }

  absl::Status Execute(const char* sql) {
    if (sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr) == SQLITE_OK) {
      return absl::OkStatus();
    }
    return absl::UnknownError(absl::StrCat("the coordinator's store: ", sqlite3_errmsg(handle_)));
  }

  absl::Status Transaction(const std::function<absl::Status()>& body) {
    DROVER_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
    absl::Status status = body();
    if (status.ok()) status = Execute("COMMIT");
    // A rollback that fails leaves nothing durable either: the log has no commit mark.
    if (!status.ok()) (void)Execute("ROLLBACK");
    return status;
  }

  absl::Status Put(const std::string& table, const std::string& id, const std::string& record) {
    return Prepare(absl::StrCat("INSERT INTO ", table,
                                " (id, record) VALUES (?, ?) "
                                "ON CONFLICT (id) DO UPDATE SET record = excluded.record"))
        .Bind(id)
        .BindBlob(record)
        .Run();
  }

  // A row keeps its rowid when it is replaced, so this is the order of creation.
  template <class Record>
  absl::Status LoadAll(const std::string& table, std::vector<Record>& records) {
    Statement select = Prepare(absl::StrCat("SELECT record FROM ", table, " ORDER BY rowid"));
    return select.Run([&]() -> absl::Status {
      DROVER_ASSIGN_OR_RETURN(Record record, Decode<Record>(select.Bytes(0)));
      records.push_back(std::move(record));
      return absl::OkStatus();
    });
  }

  absl::Status Decide(const MigrationRecord& record) {
    const std::string decision = DecisionOf(record);
    if (decision.empty()) return absl::OkStatus();
    DROVER_RETURN_IF_ERROR(Prepare("INSERT INTO decisions (migration, decision) VALUES (?, ?) "
                                   "ON CONFLICT (migration) DO NOTHING")
                               .Bind(record.id.value())
                               .Bind(decision)
                               .Run());
    Statement select = Prepare("SELECT decision FROM decisions WHERE migration = ?");
    select.Bind(record.id.value());
    return select.Run([&]() -> absl::Status {
      if (select.Bytes(0) == decision) return absl::OkStatus();
      return absl::FailedPreconditionError(absl::StrCat("migration ", record.id.value(), " has ",
                                                        select.Bytes(0), " in the journal"));
    });
  }

  absl::StatusOr<int64_t> Counter(const std::string& name) {
    Statement select = Prepare("SELECT value FROM counters WHERE name = ?");
    select.Bind(name);
    int64_t value = 0;
    DROVER_RETURN_IF_ERROR(select.Run([&]() -> absl::Status {
      value = select.Integer(0);
      return absl::OkStatus();
    }));
    return value;
  }

  absl::Status Raise(const std::string& name, int64_t value) {
    DROVER_ASSIGN_OR_RETURN(const int64_t current, Counter(name));
    if (value < current) {
      return absl::FailedPreconditionError(
          absl::StrCat("counter ", name, " would go back from ", current, " to ", value));
    }
    if (value == current) return absl::OkStatus();
    return Prepare("INSERT OR REPLACE INTO counters (name, value) VALUES (?, ?)")
        .Bind(name)
        .Bind(value)
        .Run();
  }

  absl::StatusOr<std::vector<EpochRecord>> Starts() {
    std::vector<EpochRecord> starts;
    Statement select = Prepare(
        "SELECT epoch, nonce FROM epochs UNION ALL SELECT epoch, nonce FROM adopted_epochs");
    DROVER_RETURN_IF_ERROR(select.Run([&]() -> absl::Status {
      starts.push_back({Epoch(select.Integer(0)), select.Bytes(1)});
      return absl::OkStatus();
    }));
    return starts;
  }

  absl::StatusOr<std::string> Note(const std::string& name) {
    Statement select = Prepare("SELECT value FROM notes WHERE name = ?");
    select.Bind(name);
    std::string value;
    DROVER_RETURN_IF_ERROR(select.Run([&]() -> absl::Status {
      value = select.Bytes(0);
      return absl::OkStatus();
    }));
    return value;
  }

  absl::Status SetNote(const std::string& name, const std::string& value) {
    if (value.empty()) return Prepare("DELETE FROM notes WHERE name = ?").Bind(name).Run();
    return Prepare("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)")
        .Bind(name)
        .Bind(value)
        .Run();
  }

  // Makes `copy`, which is empty, equal to this one.
  absl::Status CopyTo(Database& copy) {
    sqlite3_backup* backup = sqlite3_backup_init(copy.handle_, "main", handle_, "main");
    const int code =
        backup == nullptr ? sqlite3_errcode(copy.handle_) : sqlite3_backup_step(backup, -1);
    if (backup != nullptr) sqlite3_backup_finish(backup);
    if (code == SQLITE_DONE) return absl::OkStatus();
    return absl::UnknownError(
        absl::StrCat("cannot copy the coordinator's store: ", sqlite3_errstr(code)));
  }

 private:
  sqlite3* const handle_;
};

SqliteStore::SqliteStore(std::string path, std::unique_ptr<Database> database)
    : path_(std::move(path)), database_(std::move(database)) {}
SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
  auto database = std::make_unique<Database>(handle);
  if (code != SQLITE_OK) {
    return absl::UnknownError(absl::StrCat(path, ": ", sqlite3_errstr(code)));
  }
  // Exclusive: a second coordinator on the same file finds it locked and does not start.
  absl::Status opened = database->Execute(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  if (opened.ok()) opened = database->Transaction([&] { return database->Execute(kSchema); });
  if (sqlite3_errcode(handle) == SQLITE_BUSY) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is open in another coordinator; stop that one first"));
  }
  if (!opened.ok()) return opened;
  RemoveCopy(CopyPath(path));
  return std::unique_ptr<SqliteStore>(new SqliteStore(path, std::move(database)));
}

absl::StatusOr<EpochRecord> SqliteStore::TakeEpoch(Epoch above) {
  EpochRecord taken;
  taken.nonce = RandomHex(16);
  auto take = [&]() -> absl::Status {
    Statement insert = database_->Prepare(
        "INSERT INTO epochs (epoch, nonce) SELECT MAX(IFNULL(MAX(epoch), 0), ?) + 1, ? FROM epochs "
        "RETURNING epoch");
    insert.Bind(above.value()).Bind(taken.nonce);
    return insert.Run([&]() -> absl::Status {
      taken.epoch = Epoch(insert.Integer(0));
      return absl::OkStatus();
    });
  };
  DROVER_RETURN_IF_ERROR(
      BetweenFailpoints({"coordinator.epoch"}, [&] { return database_->Transaction(take); }));
  return taken;
}

absl::StatusOr<StoredState> SqliteStore::Load() {
  StoredState state;
  DROVER_RETURN_IF_ERROR(database_->LoadAll("nodes", state.nodes));
  DROVER_RETURN_IF_ERROR(database_->LoadAll("applications", state.applications));
  DROVER_RETURN_IF_ERROR(database_->LoadAll("migrations", state.migrations));
  DROVER_RETURN_IF_ERROR(database_->LoadAll("deployments", state.deployments));
  DROVER_ASSIGN_OR_RETURN(state.counters.generation, database_->Counter("generation"));
  DROVER_ASSIGN_OR_RETURN(state.counters.route_revision, database_->Counter("route_revision"));
  DROVER_ASSIGN_OR_RETURN(state.counters.sequence, database_->Counter("sequence"));
  DROVER_ASSIGN_OR_RETURN(state.starts, database_->Starts());
  DROVER_ASSIGN_OR_RETURN(state.recovery, database_->Note("recovery"));
  return state;
}

absl::Status SqliteStore::Commit(const Change& change) {
  return BetweenFailpoints({"coordinator.journal", WhatOf(change)},
                           [&] { return database_->Transaction([&] { return Write(change); }); });
}

absl::Status SqliteStore::Write(const Change& change) {
  for (const NodeRecord& node : change.nodes) {
    DROVER_RETURN_IF_ERROR(database_->Put("nodes", node.name.value(), Encode(node)));
  }
  for (const NodeName& name : change.removed_nodes) {
    DROVER_RETURN_IF_ERROR(
        database_->Prepare("DELETE FROM nodes WHERE id = ?").Bind(name.value()).Run());
  }
  for (const ApplicationRecord& application : change.applications) {
    DROVER_RETURN_IF_ERROR(
        database_->Put("applications", application.name.value(), Encode(application)));
  }
  for (const ApplicationName& name : change.removed_applications) {
    DROVER_RETURN_IF_ERROR(
        database_->Prepare("DELETE FROM applications WHERE id = ?").Bind(name.value()).Run());
  }
  for (const MigrationRecord& migration : change.migrations) {
    DROVER_RETURN_IF_ERROR(database_->Decide(migration));
    DROVER_RETURN_IF_ERROR(database_->Put("migrations", migration.id.value(), Encode(migration)));
  }
  for (const DeploymentRecord& deployment : change.deployments) {
    DROVER_RETURN_IF_ERROR(database_->Put("deployments", deployment.id, Encode(deployment)));
  }
  for (const AuditEntry& entry : change.audit) {
    DROVER_RETURN_IF_ERROR(database_->Prepare("INSERT INTO audit VALUES (?, ?, ?, ?, ?)")
                               .Bind(absl::ToUnixNanos(entry.time))
                               .Bind(entry.caller)
                               .Bind(entry.action)
                               .Bind(entry.subject)
                               .Bind(entry.outcome)
                               .Run());
  }
  for (const EpochRecord& start : change.adopted_starts) {
    DROVER_RETURN_IF_ERROR(
        database_->Prepare("INSERT OR IGNORE INTO adopted_epochs (epoch, nonce) VALUES (?, ?)")
            .Bind(start.epoch.value())
            .Bind(start.nonce)
            .Run());
  }
  if (change.recovery.has_value()) {
    DROVER_RETURN_IF_ERROR(database_->SetNote("recovery", *change.recovery));
  }
  DROVER_RETURN_IF_ERROR(database_->Raise("generation", change.counters.generation));
  DROVER_RETURN_IF_ERROR(database_->Raise("route_revision", change.counters.route_revision));
  return database_->Raise("sequence", change.counters.sequence);
}

absl::StatusOr<UniqueFd> SqliteStore::BackUp(const std::string& recovery) {
  const std::string path = CopyPath(path_);
  RemoveCopy(path);
  // It holds what applications are configured with, passwords included.
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot create ", path));
  const absl::Status made = WriteCopy(path, recovery);
  RemoveCopy(path);
  if (!made.ok()) return made;
  return file;
}

absl::Status SqliteStore::WriteCopy(const std::string& path, const std::string& recovery) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr);
  Database copy(handle);
  if (code != SQLITE_OK) return absl::UnknownError(absl::StrCat(path, ": ", sqlite3_errstr(code)));
  DROVER_RETURN_IF_ERROR(copy.Execute("PRAGMA synchronous = OFF"));
  DROVER_RETURN_IF_ERROR(database_->CopyTo(copy));
  // One file that says everything, and not a log beside it.
  DROVER_RETURN_IF_ERROR(copy.Execute("PRAGMA journal_mode = DELETE"));
  return copy.SetNote("recovery", recovery);
}

absl::StatusOr<std::vector<AuditEntry>> SqliteStore::LoadAudit() {
  std::vector<AuditEntry> entries;
  Statement select = database_->Prepare("SELECT * FROM audit ORDER BY rowid");
  DROVER_RETURN_IF_ERROR(select.Run([&]() -> absl::Status {
    entries.push_back({absl::FromUnixNanos(select.Integer(0)), select.Bytes(1), select.Bytes(2),
                       select.Bytes(3), select.Bytes(4)});
    return absl::OkStatus();
  }));
  return entries;
}

}  // namespace drover::coordinator
