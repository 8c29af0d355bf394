// A stream of the standard library over one of C, which remembers why a write failed.
#ifndef DROVER_CLI_STDIO_BUFFER_H_
#define DROVER_CLI_STDIO_BUFFER_H_

#include <cstdio>
#include <streambuf>

namespace drover::cli {

// Buffers nothing itself: `file` does, by lines on a terminal. Outlived by `file`.
class StdioBuffer : public std::streambuf {
 public:
  explicit StdioBuffer(std::FILE* file) : file_(file) {}

  // The errno of the first write that failed; 0 if none has.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  // `succeeded`, after what has set errno if it has not.
  bool Note(bool succeeded);

  std::FILE* const file_;
  int error_ = 0;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_STDIO_BUFFER_H_
