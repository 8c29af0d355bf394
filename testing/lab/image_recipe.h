// What goes into an image that is made from the distribution's packages.
#ifndef DROVER_TESTING_LAB_IMAGE_RECIPE_H_
#define DROVER_TESTING_LAB_IMAGE_RECIPE_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace drover::lab {

// A folder that the image has of its own.
struct ImageFolder {
  std::string path;
  uid_t owner = 0;
  mode_t mode = 0755;
};

// A small file that the image has of its own.
struct ImageFile {
  std::string path;
  std::string content;
  mode_t mode = 0644;
};

struct ImageRecipe {
  std::string name;
  // The Debian packages that have what is copied, as one names them to apt-get.
  std::string packages;
  // Files of this machine, by path, that are copied to the same path, with the shared libraries
  // that they need.
  std::vector<std::string> programs;
  // Folders of this machine that are copied whole, as they are.
  std::vector<std::string> trees;
  std::vector<ImageFolder> folders;
  std::vector<ImageFile> files;
  // In the words of a Dockerfile: CMD, ENV, EXPOSE, USER, VOLUME, WORKDIR.
  std::vector<std::string> changes;
};

// NOT_FOUND for a name other than redis, postgres, mariadb, busybox; FAILED_PRECONDITION, naming
// the packages, if what it needs is not installed. Every image has a shell and busybox's commands.
absl::StatusOr<ImageRecipe> RecipeOf(const std::string& image);

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_IMAGE_RECIPE_H_
