#pragma once

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>

#include "labs/lab4_lock_service/client.h"

namespace quorum::lock_service {

/// Whether this is the cell's answer; otherwise the request was executed, or was not, or will be.
bool IsAnswer(const absl::Status& status);

template <class Request, class Response>
struct LockClient::AskedFor final : Asked {
  AskedFor(Request asked, Done<Response> then) : request(std::move(asked)), done(std::move(then)) {}
  void Fail(const absl::Status& status) override { done(status); }

  Request request;
  Done<Response> done;
};

template <class Request, class Response>
void LockClient::Ask(const Method<Request, Response>& method, Request request, bool changes,
                     Done<Response> done) {
  const std::uint64_t key = next_key_++;
  auto asked = std::make_unique<AskedFor<Request, Response>>(std::move(request), std::move(done));
  asked->number = changes ? kNumberWanted : 0;
  if constexpr (requires { asked->request.mutable_call(); }) {
    asked->session = keeper_.session();
    asked->request.mutable_call()->set_session(asked->session);
  }
  asked_[key] = std::move(asked);
  Try(method, key);
}

template <class Request, class Response>
void LockClient::Try(const Method<Request, Response>& method, std::uint64_t key) {
  auto& asked = static_cast<AskedFor<Request, Response>&>(*asked_.at(key));
  const auto again = [this, method, key] {
    asked_.at(key)->pause = env_.After(env_.RandomBetween(kShortestPause, kLongestPause),
                                       [this, method, key] { Try(method, key); });
  };
  if constexpr (requires { asked.request.mutable_call(); }) {
    if (asked.number != 0 && !TakeNumber(asked, *asked.request.mutable_call())) return again();
  }
  const NodeId server = finder_.master();
  constexpr bool kWaits = std::is_same_v<Request, AcquireRequest>;  // for a lock
  const Duration patience = std::min((kWaits ? kLongTry : kTry) * (1 << asked.tries), kLongTry);
  asked.tries = std::min(asked.tries + 1, 2);
  env_.Call(
      server, method, asked.request, patience,
      [this, key, server, again](absl::StatusOr<Response> response) {
        const auto place = asked_.find(key);
        if (place == asked_.end()) return;  // its session has ended
        if (!IsAnswer(response.status())) {
          finder_.Failed(server);
          return again();
        }
        if (absl::IsUnauthenticated(response.status())) {
          return keeper_.Lost(place->second->session);  // which ends all that is asked
        }
        const auto answered = asked_.extract(place);
        numbers_.erase(answered.mapped()->number);
        static_cast<AskedFor<Request, Response>&>(*answered.mapped()).done(std::move(response));
      });
}

template <class Response>
void LockClient::AnswerWhenSafe(Responder<Response> responder, absl::StatusOr<Response> answer) {
  auto shared = std::make_shared<Responder<Response>>(std::move(responder));
  WhenSafe({.answer =
                [shared, answer = std::move(answer)] {
                  answer.ok() ? shared->Reply(*answer) : shared->Fail(answer.status());
                },
            .fail = [shared](const absl::Status& status) { shared->Fail(status); }});
}

}  // namespace quorum::lock_service
