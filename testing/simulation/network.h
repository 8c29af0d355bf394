// Messages between the coordinator and the nodes, and all that can become of them.
#ifndef DROVER_TESTING_SIMULATION_NETWORK_H_
#define DROVER_TESTING_SIMULATION_NETWORK_H_

#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/common/async/change_signal.h"
#include "services/common/async/task.h"
#include "testing/simulation/world.h"

namespace drover::simulation {

// Somebody who can be called.
class Host {
 public:
  virtual ~Host() = default;
  virtual const std::string& host_name() const = 0;
  // Null while its services are down.
  virtual std::shared_ptr<Process> process() const = 0;
};

// How often, in a thousand, something goes wrong.
struct NetworkFaults {
  int lose_request = 0;
  int lose_response = 0;
  // A message takes seconds instead of milliseconds.
  int slow = 0;
  // A request is carried out once more, up to a minute later.
  int repeat = 0;
  // After a durable record of a node, a few old requests to it are carried out once more: when it
  // hurts.
  int replay = 0;
};

// A lost message is, to its sender, a connection that breaks some time later: UNAVAILABLE, or the
// call's own deadline. Not thread-safe.
class Network {
 public:
  explicit Network(World& world) : world_(world) {}

  NetworkFaults faults;

  // Nothing gets from `a` to `b`, until Heal(); the way back may be open.
  void Cut(const std::string& a, const std::string& b) { cuts_.insert({a, b}); }
  void HealLink(const std::string& a, const std::string& b) { cuts_.erase({a, b}); }
  // Everything gets through from now on, also what broke and was not noticed yet.
  void Heal();
  bool IsCut(const std::string& a, const std::string& b) const { return cuts_.contains({a, b}); }

  struct Link {
    std::string from;
    std::weak_ptr<Process> caller;
    Host* to;
  };
  // kParticipant: an order of a migration, which may come again when it hurts most.
  enum class Repeatable { kNo, kYes, kParticipant };

  // Calls `serve` in the process of `link.to`, which answers there.
  template <class Response>
  Task<absl::StatusOr<Response>> Call(Link link, std::string name, absl::Duration timeout,
                                      Repeatable repeatable,
                                      std::function<Task<absl::StatusOr<Response>>()> serve) {
    auto call = std::make_shared<Pending<Response>>();
    Send<Response>(link, name, repeatable, call, std::move(serve));
    auto expire = [weak = std::weak_ptr<Pending<Response>>(call)] {
      auto pending = weak.lock();
      if (pending != nullptr) pending->Complete(absl::DeadlineExceededError("no answer in time"));
    };
    world_.After(timeout, link.caller.lock(), std::move(expire));
    co_await call->done.Wait(0);
    // Otherwise the caller was cancelled.
    if (!call->result.has_value()) co_return absl::CancelledError("the call was given up");
    co_return *std::move(call->result);
  }

  // The host's process is gone: whoever waits for an answer of it learns so.
  void Died(Host& host);

  // An old request to `host` is carried out again, maybe: called at its durable records.
  void MaybeReplay(Host& host);

 private:
  class Breakable {
   public:
    virtual ~Breakable() = default;
    virtual void Break() = 0;
  };

  template <class Response>
  struct Pending {
    void Complete(absl::StatusOr<Response> value) {
      if (result.has_value()) return;
      result = std::move(value);
      done.Notify();
    }
    std::optional<absl::StatusOr<Response>> result;
    ChangeSignal done;
  };

  // The way back of one call. Dropped without an answer (its handler died), it is a broken
  // connection.
  template <class Response>
  class Reply : public Breakable {
   public:
    Reply(Network& network, Link link, std::shared_ptr<Pending<Response>> call)
        : network_(network), link_(std::move(link)), call_(std::move(call)) {}
    ~Reply() override { Break(); }
    void Break() override {
      if (call_ == nullptr) return;
      Deliver(network_.Latency(), absl::UnavailableError("connection reset"));
    }
    void Send(absl::StatusOr<Response> response) {
      if (call_ == nullptr) return;
      const bool lost = network_.IsCut(link_.to->host_name(), link_.from) ||
                        network_.world_.random().Chance(network_.faults.lose_response);
      if (lost) {
        Deliver(network_.NoticeAfter(), absl::UnavailableError("the answer was lost"));
      } else {
        Deliver(network_.Latency(), std::move(response));
      }
    }

   private:
    void Deliver(absl::Duration delay, absl::StatusOr<Response> response) {
      auto complete = [weak = std::weak_ptr<Pending<Response>>(call_),
                       response = std::move(response)] {
        auto pending = weak.lock();
        if (pending != nullptr) pending->Complete(response);
      };
      call_.reset();
      auto caller = link_.caller.lock();
      if (caller != nullptr) network_.world_.After(delay, caller, std::move(complete));
    }

    Network& network_;
    const Link link_;
    std::shared_ptr<Pending<Response>> call_;
  };

  template <class Response>
  static Task<void> Serve(std::function<Task<absl::StatusOr<Response>>()> serve,
                          std::shared_ptr<Reply<Response>> reply) {
    absl::StatusOr<Response> response = co_await serve();
    if (reply != nullptr) reply->Send(std::move(response));
  }

  template <class Response>
  void Send(const Link& link, const std::string& name, Repeatable repeatable,
            std::shared_ptr<Pending<Response>> call,
            std::function<Task<absl::StatusOr<Response>>()> serve) {
    auto reply = std::make_shared<Reply<Response>>(*this, link, std::move(call));
    const bool lost =
        IsCut(link.from, link.to->host_name()) || world_.random().Chance(faults.lose_request);
    if (lost) {
      reply->Send(absl::UnavailableError("the request was lost"));
      return;
    }
    auto arrive = [this, host = link.to, from = link.from, name, serve](
                      std::shared_ptr<Reply<Response>> reply, const char* how) {
      const std::shared_ptr<Process> process = host->process();
      if (process == nullptr || IsCut(from, host->host_name())) return;
      if (name.find("Get") == std::string::npos && name.find("List") == std::string::npos) {
        world_.Trace(host->host_name(), absl::StrCat("<- ", from, " ", name, how));
      }
      if (reply != nullptr) open_[host->host_name()].push_back(reply);
      auto done = [](std::exception_ptr error) {
        if (error != nullptr) std::rethrow_exception(error);
      };
      auto run = [serve, reply, process = process.get(), done] {
        boost::asio::co_spawn(process->executor(), Serve<Response>(serve, reply), done);
      };
      world_.After(absl::ZeroDuration(), process, std::move(run));
    };
    auto first = [arrive, reply = std::move(reply)]() mutable { arrive(std::move(reply), ""); };
    world_.After(Latency(), std::move(first));
    if (repeatable == Repeatable::kNo) return;
    auto again = [arrive] { arrive(nullptr, " AGAIN"); };
    if (world_.random().Chance(faults.repeat)) {
      world_.After(world_.random().Between(absl::Milliseconds(1), absl::Seconds(60)), again);
    }
    if (faults.replay > 0 && repeatable == Repeatable::kParticipant)
      Remember(link.to->host_name(), again);
  }

  void Remember(const std::string& host, World::Event again);
  absl::Duration Latency();
  // From the loss to its notice by the sender.
  absl::Duration NoticeAfter();

  World& world_;
  std::set<std::pair<std::string, std::string>> cuts_;
  bool healed_ = false;
  // Calls that a host has begun to answer: a coroutine that waits for a mutex may stay when its
  // process goes, so its end is no news of that.
  std::map<std::string, std::vector<std::weak_ptr<Breakable>>> open_;
  // Requests of the past, by host.
  std::map<std::string, std::vector<World::Event>> past_;
};

}  // namespace drover::simulation

#endif  // DROVER_TESTING_SIMULATION_NETWORK_H_
