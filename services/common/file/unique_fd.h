#ifndef DROVER_SERVICES_COMMON_FILE_UNIQUE_FD_H_
#define DROVER_SERVICES_COMMON_FILE_UNIQUE_FD_H_

namespace drover {

// A descriptor that closes itself.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { Reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int Release();
  void Reset();

 private:
  int fd_ = -1;
};

}  // namespace drover

#endif  // DROVER_SERVICES_COMMON_FILE_UNIQUE_FD_H_
