// Arguments of execve(2), put together before fork(2): between the two nothing may be allocated.
#ifndef DROVER_TESTING_LAB_EXEC_ARGUMENTS_H_
#define DROVER_TESTING_LAB_EXEC_ARGUMENTS_H_

#include <string>
#include <utility>
#include <vector>

namespace drover::lab {

class ExecArguments {
 public:
  // `argv` is not empty; `environment` holds K=V.
  ExecArguments(std::vector<std::string> argv, std::vector<std::string> environment)
      : argv_(std::move(argv)),
        environment_(std::move(environment)),
        argv_pointers_(Pointers(argv_)),
        environment_pointers_(Pointers(environment_)) {}
  ExecArguments(const ExecArguments&) = delete;
  ExecArguments& operator=(const ExecArguments&) = delete;

  const char* program() { return argv_pointers_[0]; }
  char** argv() { return argv_pointers_.data(); }
  char** envp() { return environment_pointers_.data(); }

 private:
  static std::vector<char*> Pointers(std::vector<std::string>& strings) {
    std::vector<char*> pointers;
    for (std::string& each : strings) pointers.push_back(each.data());
    pointers.push_back(nullptr);
    return pointers;
  }

  std::vector<std::string> argv_, environment_;
  std::vector<char*> argv_pointers_, environment_pointers_;
};

}  // namespace drover::lab

#endif  // DROVER_TESTING_LAB_EXEC_ARGUMENTS_H_
