#include "cli/stdio_buffer.h"

#include <cerrno>

namespace drover::cli {

StdioBuffer::int_type StdioBuffer::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) {
    return traits_type::not_eof(character);
  }
  const char text = traits_type::to_char_type(character);
  return xsputn(&text, 1) == 1 ? character : traits_type::eof();
}

std::streamsize StdioBuffer::xsputn(const char* text, std::streamsize size) {
  const size_t wanted = static_cast<size_t>(size);
  const size_t written = std::fwrite(text, 1, wanted, file_);
  Note(written == wanted);
  return static_cast<std::streamsize>(written);
}

int StdioBuffer::sync() { return Note(std::fflush(file_) == 0) ? 0 : -1; }

bool StdioBuffer::Note(bool succeeded) {
  if (!succeeded && error_ == 0) error_ = errno;
  return succeeded;
}

}  // namespace drover::cli
