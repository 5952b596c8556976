#pragma once

#include <poll.h>

#include <deque>
#include <string>
#include <vector>

#include "common/env/time.h"
#include "common/storage/posix_file.h"

namespace quorum::testing {

/// What a link does to what it carries; made so, it carries everything at once.
struct LinkState {
  bool forth_cut = false;  ///< nothing passes from whoever has connected
  bool back_cut = false;   ///< nor to it
  Duration delay{};        ///< how long each byte takes, either way
};

/// One connection through a proxy: two sockets, and what is on its way between them.
class ProxiedConnection {
 public:
  ProxiedConnection(FileDescriptor caller, FileDescriptor target);

  /// Reads and writes whatever can be now.
  void Carry(const LinkState& state, Time now);

  /// Adds what it waits for.
  void AddWaiting(const LinkState& state, Time now, std::vector<pollfd>& waiting) const;
  /// When something that is on its way arrives; never: nothing is.
  Time NextDue(const LinkState& state, Time now) const;

  /// True: both sides have closed it, or one has broken it off.
  bool over() const { return broken_ || (forth_.passed_end && back_.passed_end); }

 private:
  struct Chunk {
    Time due;
    std::string bytes;
  };
  /// One of the two directions.
  struct Half {
    std::deque<Chunk> chunks;
    std::size_t held = 0;     ///< bytes in `chunks`
    bool ended = false;       ///< the sender has closed
    bool passed_end = false;  ///< and the receiver was told
  };

  void CarryHalf(Half& half, int from, int to, Duration delay, Time now);
  void Read(Half& half, int from, Time due);
  void Write(Half& half, int to, Time now);
  static short EventsOf(const Half& incoming, bool incoming_cut, const Half& outgoing,
                        bool outgoing_cut, Time now);

  FileDescriptor caller_, target_;
  Half forth_, back_;
  bool broken_ = false;
};

}  // namespace quorum::testing
