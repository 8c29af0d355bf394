#include "testing/lab/image_recipe.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover::lab {
namespace {

namespace fs = std::filesystem;

// Neither image runs as root, as most published ones do not: a new volume that is not given the
// image's owner and mode cannot be written by them.
constexpr uid_t kServiceUser = 999;

constexpr char kPath[] = "ENV PATH=/usr/local/bin:/usr/bin:/bin";

std::vector<ImageFile> Accounts(const std::string& user, const std::string& home) {
  const std::string id = absl::StrCat(kServiceUser);
  return {{"/etc/passwd", absl::StrCat("root:x:0:0:root:/root:/bin/sh\n", user, ":x:", id, ":", id,
                                       "::", home, ":/bin/sh\n")},
          {"/etc/group", absl::StrCat("root:x:0:\n", user, ":x:", id, ":\n")}};
}

ImageRecipe Busybox() {
  return {.name = "busybox",
          .packages = "busybox-static",
          .programs = {"/bin/busybox"},
          .folders = {{.path = "/tmp", .mode = 01777}},
          .changes = {"ENV PATH=/bin", R"(CMD ["sh"])"}};
}

ImageRecipe Redis() {
  return {.name = "redis",
          .packages = "redis-server",
          .programs = {"/usr/bin/redis-server", "/usr/bin/redis-cli", "/bin/busybox"},
          .folders = {{.path = "/data", .owner = kServiceUser, .mode = 0750},
                      {.path = "/tmp", .mode = 01777}},
          .files = Accounts("redis", "/data"),
          .changes = {kPath, "USER redis", "WORKDIR /data", "VOLUME /data", "EXPOSE 6379",
                      R"(CMD ["redis-server","--dir","/data","--protected-mode","no",)"
                      R"("--appendonly","yes","--appendfsync","always"])"}};
}

// Makes the database on the first start, then becomes the server.
constexpr char kStartPostgres[] = R"(#!/bin/sh
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  initdb --pgdata="$PGDATA" --auth=trust --no-locale --encoding=UTF8
  echo 'host all all all trust' >> "$PGDATA/pg_hba.conf"
fi
exec postgres -c listen_addresses='*' -c unix_socket_directories=/tmp -c jit=off
)";

// The folder of the installed major version, such as /usr/lib/postgresql/15; empty if none is.
std::string PostgresFolder() {
  std::error_code error;
  std::string newest;
  for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
    newest = std::max(newest, entry.path().string());
  }
  return newest;
}

ImageRecipe Postgres() {
  const std::string folder = PostgresFolder();
  const std::string version = fs::path(folder).filename().string();
  ImageRecipe recipe{
      .name = "postgres",
      .packages = "postgresql",
      .programs = {"/bin/busybox", folder + "/bin/postgres", folder + "/bin/initdb",
                   folder + "/bin/psql", folder + "/bin/pg_isready"},
      .trees = {"/usr/share/postgresql/" + version},
      .folders = {{.path = "/var/lib/postgresql/data", .owner = kServiceUser, .mode = 0700},
                  {.path = "/tmp", .mode = 01777}},
      .files = Accounts("postgres", "/var/lib/postgresql"),
      .changes = {absl::StrCat("ENV PATH=", folder, "/bin:/usr/local/bin:/bin"),
                  "ENV PGDATA=/var/lib/postgresql/data", "USER postgres",
                  "VOLUME /var/lib/postgresql/data", "EXPOSE 5432", R"(CMD ["start-postgres"])"}};
  recipe.files.push_back({"/usr/local/bin/start-postgres", kStartPostgres, 0755});
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder + "/lib", error)) {
    const std::string name = entry.path().filename().string();
    // Of the loadable parts only the just-in-time compiler is left out: it brings LLVM.
    if (entry.path().extension() == ".so" && !absl::StartsWith(name, "llvmjit")) {
      recipe.programs.push_back(entry.path().string());
    }
  }
  return recipe;
}

// Makes the database on the first start, with the password for all who connect, then becomes the
// server. The names of clients are not looked up: in the lab nobody could answer.
constexpr char kStartMariaDb[] = R"(#!/bin/sh
set -e
data=/var/lib/mysql
if [ ! -d $data/mysql ]; then
  password=$(printf %s "$MYSQL_ROOT_PASSWORD" | sed "s/[\\\\']/\\\\&/g")
  cat > /tmp/first.sql <<END
FLUSH PRIVILEGES;
ALTER USER root@localhost IDENTIFIED BY '$password';
CREATE USER root@'%' IDENTIFIED BY '$password';
GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;
END
  mariadb-install-db --no-defaults --datadir=$data --auth-root-authentication-method=normal \
    --skip-test-db --extra-file=/tmp/first.sql
  rm /tmp/first.sql
fi
exec mariadbd --no-defaults --datadir=$data --socket=/tmp/mysqld.sock --bind-address=0.0.0.0 --skip-name-resolve
)";

ImageRecipe MariaDb() {
  ImageRecipe recipe{
      .name = "mariadb",
      .packages = "mariadb-server-core mariadb-client-core",
      .programs = {"/bin/busybox", "/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db",
                   "/usr/bin/my_print_defaults", "/usr/bin/resolveip", "/usr/bin/mariadb"},
      .trees = {"/usr/share/mysql"},
      .folders = {{.path = "/var/lib/mysql", .owner = kServiceUser, .mode = 0700},
                  {.path = "/tmp", .mode = 01777}},
      .files = Accounts("mysql", "/var/lib/mysql"),
      .changes = {"ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin", "USER mysql",
                  "VOLUME /var/lib/mysql", "EXPOSE 3306", R"(CMD ["start-mariadb"])"}};
  recipe.files.push_back({"/usr/local/bin/start-mariadb", kStartMariaDb, 0755});
  return recipe;
}

absl::Status CheckInstalled(const ImageRecipe& recipe) {
  std::vector<std::string> needed = recipe.programs;
  needed.insert(needed.end(), recipe.trees.begin(), recipe.trees.end());
  for (const std::string& path : needed) {
    std::error_code error;
    if (fs::exists(path, error)) continue;
    const bool is_busybox = path == "/bin/busybox";
    return absl::FailedPreconditionError(
        absl::StrCat("the image ", recipe.name, " needs ", path, ": apt-get install ",
                     is_busybox ? "busybox-static" : recipe.packages));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ImageRecipe> RecipeOf(const std::string& image) {
  ImageRecipe recipe;
  if (image == "busybox") {
    recipe = Busybox();
  } else if (image == "redis") {
    recipe = Redis();
  } else if (image == "postgres") {
    recipe = Postgres();
  } else if (image == "mariadb") {
    recipe = MariaDb();
  } else {
    return absl::NotFoundError(absl::StrCat("there is no recipe for an image '", image,
                                            "'; there are redis, postgres, mariadb and busybox"));
  }
  if (absl::Status status = CheckInstalled(recipe); !status.ok()) return status;
  return recipe;
}

}  // namespace drover::lab
