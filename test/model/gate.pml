/*
 * The send protocol as a model that Spin searches exhaustively: claim, gate, final dot, reply, settlement, retry,
 * withdrawal, pause, stop and cancel, with crashes, frozen workers, lost commits and lost replies at any moment.
 *
 * One delivery range with two deliveries (one per reader) and two workers. Every transaction of the product is one
 * indivisible step: its row locks and its COMMIT make it so (src/consent/gate.ts, src/deliveries/). What the product does
 * outside a transaction (writing the dot, reading the reply, answering a withdrawal) is a step of its own, so that
 * anything may happen in between. `npm run model` runs it and the twins, each of which has one planted mistake.
 */

#define READERS 2
#define WORKERS 2
/* Messages that one worker may have past their gate at once: its SMTP connections. */
#ifndef CONNECTIONS
#define CONNECTIONS 2
#endif
/* How many things may go wrong in one history, of any kind: crash, frozen worker, lost commit, 4xx, refused recipient. */
#ifndef MISHAPS
#define MISHAPS 3
#endif
/* The reader who changes the address and then withdraws. */
#define LEAVER 0

/* For a twin only the promise it must break is asserted, so that it cannot fail by another one. */
#define I1_AT_MOST_ONCE 1
#define I2_ALL_ACCOUNTED 2
#define I3_GATE 3
#define I4_WITHDRAWAL 4
#define I4_HALT 5
#define I5_NEVER_AGAIN 6
#define I5_FEW_UNKNOWN 7
#define NO_FALSE_SENT 8
#ifdef ONLY
#define PROMISE(which, holds) assert(which != ONLY || (holds))
#else
#define PROMISE(which, holds) assert(holds)
#endif

/* And that the model does get to the places where it matters: for a probe, getting there is the error. */
#define SENT_AT_A_RETRY 9
#define SENT_AFTER_UNKNOWN 10
#define NAMED_AND_NOT_SENT 11
#ifdef PROBE
#define REACHED(which, there) assert(which != PROBE || !(there))
#else
#define REACHED(which, there)
#endif

/* ---- The tables ------------------------------------------------------------------------------------------------ */

mtype:delivery = { QUEUED, SENDING, SENT, FAILED, UNKNOWN, SKIPPED, CALLED_OFF }
mtype:newsletter = { RUNNING, PAUSED, FINISHED, CANCELLED }

mtype:newsletter newsletter = RUNNING
bool site_stopped
bool cancel_settled          /* CANCELLED only: newsletter.finished_at is set */

/* `live`: lease_until > UTC_TIMESTAMP(3). Free is everything else, no lease and an expired one alike. */
typedef Range { byte fence; bool live; bool done }
Range range

typedef Retry { bool exists; byte fence; bool live }
Retry retry[READERS]

typedef Delivery { mtype:delivery status; byte fence }
Delivery delivery[READERS]

typedef Reader { byte version; bool consents }
Reader reader[READERS]

/* ---- What the worker processes hold in memory; a crash forgets it ----------------------------------------------- */

/* NONE: not in hand. TODO: composed, the body written up to its last chunk. PLAIN_READ: only in twins.
   PASSED: has a permit. DOTTED: the final dot is written. Then the reply, or none; ABORTED: the gate's commit failed. */
mtype:phase = { NONE, TODO, PLAIN_READ, PASSED, DOTTED, REPLY_2XX, REPLY_4XX, REPLY_5XX, NO_REPLY, ABORTED }

mtype:ending = { COMMITTED, ANSWER_LOST, ROLLED_BACK }

typedef Item { mtype:phase phase; bool is_retry; byte fence; byte version }
typedef Worker { byte range_fence; Item item[READERS] }
Worker worker[WORKERS]

/* ---- What only the checker sees --------------------------------------------------------------------------------- */

byte mishaps = MISHAPS
byte completed[READERS]      /* dots written and not refused */
bool accepted[READERS]       /* a 2xx was given */
bool was_unknown[READERS]
bool left_answered, left_named
bool halt_answered, halt_named[READERS]

hidden byte i                /* loop counter, 0 between steps */

/* ---- Predicates as the SQL has them ----------------------------------------------------------------------------- */

#define ITEM(w, d) worker[w].item[d]
#define WAITS(w, d) (ITEM(w, d).phase == TODO || ITEM(w, d).phase == PLAIN_READ)
#define ANSWERED(w, d) (ITEM(w, d).phase == REPLY_2XX || ITEM(w, d).phase == REPLY_4XX || \
  ITEM(w, d).phase == REPLY_5XX || ITEM(w, d).phase == NO_REPLY)
#define ON_CONNECTION(w, d) (ITEM(w, d).phase == PASSED || ITEM(w, d).phase == DOTTED || ITEM(w, d).phase == ABORTED)
#define BUSY(w) (ON_CONNECTION(w, 0) + ON_CONNECTION(w, 1))
#define IDLE(w) (worker[w].range_fence == 0 && ITEM(w, 0).phase == NONE && ITEM(w, 1).phase == NONE)
#define NO_RANGE(w) (worker[w].range_fence == 0)

/* settle.ts isHeld: the fence alone. claim.ts lockClaim: fence and lease. */
#define HELD(w, d) (ITEM(w, d).is_retry -> retry[d].exists && retry[d].fence == ITEM(w, d).fence \
  : range.fence == ITEM(w, d).fence)
#define STANDS(w, d) (HELD(w, d) && (ITEM(w, d).is_retry -> retry[d].live : range.live))

#ifdef NO_FENCE
#define SAME_FENCE(w, d) true
#else
#define SAME_FENCE(w, d) (delivery[d].fence == ITEM(w, d).fence)
#endif

#define LOST_BY_CRASH(w, d) (delivery[d].status == SENDING && ITEM(w, d).phase != NONE && SAME_FENCE(w, d))
#define RETRIES(w, d) (ITEM(w, d).phase != NONE && ITEM(w, d).is_retry && ITEM(w, d).fence == retry[d].fence)

#define MAY_GO_ON (newsletter == RUNNING && !site_stopped)
#define MAY_CLAIM (MAY_GO_ON || newsletter == CANCELLED && !cancel_settled)
#define MAY_STILL_ARRIVE(d) (delivery[d].status == SENDING || delivery[d].status == UNKNOWN)
#define IS_OPEN(d) (delivery[d].status == QUEUED || delivery[d].status == SENDING)
/* open-status.ts: what goes back goes back to queued, in a cancelled newsletter to cancelled. */
#define OPEN_STATUS (newsletter == CANCELLED -> CALLED_OFF : QUEUED)

/* ---- Claim (DESIGN §5.3, I5) ------------------------------------------------------------------------------------- */

inline forget(w, d) { ITEM(w, d).phase = NONE; ITEM(w, d).is_retry = false; ITEM(w, d).fence = 0; ITEM(w, d).version = 0 }

inline drop_retry(d) { retry[d].exists = false; retry[d].fence = 0; retry[d].live = false }

/* The fence is read only while the row is sending or unknown; forgetting it afterwards makes fewer states. */
inline move(d, to) {
  delivery[d].status = to
  if
  :: to == UNKNOWN
  :: else -> delivery[d].fence = 0
  fi
}

/* What an earlier holder left past its gate may be out: unknown, never sent again by itself (I5). */
inline left_past_gate(d) {
#ifdef RESEND_SENDING
  move(d, QUEUED)
#else
  delivery[d].status = UNKNOWN; was_unknown[d] = true
#endif
}

/* load-deliveries.ts: the reader's version now is the one the message is composed from. */
inline load(w, d, retried, under) {
  ITEM(w, d).phase = TODO; ITEM(w, d).is_retry = retried; ITEM(w, d).fence = under
  ITEM(w, d).version = reader[d].version
}

inline claim_range(w) {
  range.fence++; range.live = true
  worker[w].range_fence = range.fence
  for (i : 0 .. READERS - 1) {
    if
    :: delivery[i].status == SENDING && !retry[i].exists -> left_past_gate(i)
#ifdef RESEND_UNKNOWN
    :: delivery[i].status == UNKNOWN -> move(i, QUEUED)
#endif
    :: else
    fi
    if
    :: delivery[i].status == QUEUED && !retry[i].exists -> load(w, i, false, range.fence)
    :: else
    fi
  }
  i = 0
}

inline claim_retry(w, d) {
  if
  :: delivery[d].status == SENDING -> left_past_gate(d)
  :: else
  fi
  if
  :: delivery[d].status != QUEUED -> drop_retry(d)
  :: else -> retry[d].fence++; retry[d].live = true; load(w, d, true, retry[d].fence)
  fi
}

inline release_range(w) {
  if
  :: range.fence == worker[w].range_fence ->
    range.live = false
#ifdef RELEASE_DONE
    range.done = true
#else
    range.done = !(IS_OPEN(0) && !retry[0].exists || IS_OPEN(1) && !retry[1].exists)
#endif
  :: else
  fi
  worker[w].range_fence = 0
}

/* ---- Settle (DESIGN §5.6): only under the fence the gate passed with ---------------------------------------------- */

inline drop_own_retry(w, d) {
  if
  :: retry[d].exists && retry[d].fence == ITEM(w, d).fence -> drop_retry(d)
  :: else
  fi
}

/* sending, or late: unknown → a final state. Failed also from queued: refused before its gate, by its present holder. */
inline finish_as(w, d, final) {
  if
  :: (delivery[d].status == SENDING || delivery[d].status == UNKNOWN) && SAME_FENCE(w, d) ->
    move(d, final)
  :: delivery[d].status == QUEUED && final == FAILED && HELD(w, d) -> move(d, FAILED)
  :: else
  fi
  drop_own_retry(w, d)
}

/* 4xx: back to queued, and the next attempt has a claim of its own, whose fences follow this one. */
inline defer(w, d) {
  if
  :: HELD(w, d) ->
    if
    :: delivery[d].status == QUEUED || delivery[d].status == SENDING && SAME_FENCE(w, d) ->
      move(d, OPEN_STATUS)
    :: else
    fi
    if
    :: newsletter == CANCELLED -> drop_own_retry(w, d)
    :: newsletter != CANCELLED && retry[d].exists -> retry[d].live = false
    :: else -> retry[d].exists = true; retry[d].fence = ITEM(w, d).fence; retry[d].live = false
    fi
  :: else
  fi
}

inline put_back(w, d) {
  if
  :: delivery[d].status == SENDING && SAME_FENCE(w, d) -> move(d, OPEN_STATUS)
  :: else
  fi
  if
  :: newsletter == CANCELLED -> drop_own_retry(w, d)
  :: else
  fi
}

inline settle(w, d) {
  if
  :: ITEM(w, d).phase == REPLY_2XX -> finish_as(w, d, SENT)
  :: ITEM(w, d).phase == REPLY_5XX -> finish_as(w, d, FAILED)
  :: ITEM(w, d).phase == REPLY_4XX -> defer(w, d)
  :: ITEM(w, d).phase == ABORTED -> put_back(w, d)
  :: ITEM(w, d).phase == NO_REPLY ->
#if defined(RETRY_ON_NO_REPLY)
    defer(w, d)
#elif defined(SENT_ON_NO_REPLY)
    finish_as(w, d, SENT)
#else
    finish_as(w, d, UNKNOWN); was_unknown[d] = was_unknown[d] || delivery[d].status == UNKNOWN
#endif
  fi
  PROMISE(NO_FALSE_SENT, delivery[d].status != SENT || accepted[d])
  REACHED(SENT_AT_A_RETRY, delivery[d].status == SENT && ITEM(w, d).is_retry)
  REACHED(SENT_AFTER_UNKNOWN, delivery[d].status == SENT && was_unknown[d])
}

/* ---- The gate (I3): one commit for all who wait, and for what was answered since the last one -------------------- */

#if defined(NO_FENCE) || defined(LEASE_LOCAL)
#define CLAIM_OK(w, d) true                 /* it holds what it once claimed, as far as it knows */
#else
#define CLAIM_OK(w, d) STANDS(w, d)
#endif

/* In three twins a part of the gate was read before, without a lock; the rest is looked at in the transaction. */
#define READ_BEFORE(w, d) (ITEM(w, d).phase == PLAIN_READ)
#define SITE_OK MAY_GO_ON
#define READER_OK(w, d) (reader[d].version == ITEM(w, d).version)
#define CONSENT_OK(d) (reader[d].consents)
#define STILL_QUEUED(d) (delivery[d].status == QUEUED)
#if defined(PLAIN_PAUSE)
#define SEES_SITE(w, d) (READ_BEFORE(w, d) || SITE_OK)
#else
#define SEES_SITE(w, d) SITE_OK
#endif
#if defined(PLAIN_SELECT) || defined(PLAIN_SELECT_ALL)
#define SEES_READER(w, d) (READ_BEFORE(w, d) || READER_OK(w, d))
#define SEES_CONSENT(w, d) (READ_BEFORE(w, d) || CONSENT_OK(d))
#else
#define SEES_READER(w, d) READER_OK(w, d)
#define SEES_CONSENT(w, d) CONSENT_OK(d)
#endif
#if defined(PLAIN_SELECT_ALL)
#define SEES_QUEUED(w, d) (READ_BEFORE(w, d) || STILL_QUEUED(d))
#else
#define SEES_QUEUED(w, d) STILL_QUEUED(d)
#endif

inline pass(w, d) {
  PROMISE(I3_GATE, SITE_OK && STANDS(w, d) && READER_OK(w, d) && CONSENT_OK(d) && STILL_QUEUED(d))
  PROMISE(I4_WITHDRAWAL, d != LEAVER || !left_answered)
  PROMISE(I4_HALT, !halt_answered)
  PROMISE(I5_NEVER_AGAIN, !was_unknown[d])
  delivery[d].status = SENDING; delivery[d].fence = ITEM(w, d).fence
  ITEM(w, d).phase = PASSED; ITEM(w, d).version = 0
}

/* gate.ts decide, in its order: site, newsletter, claim, reader's version, skip reason, still queued. */
inline decide(w, d) {
  if
  :: !SEES_SITE(w, d) || !CLAIM_OK(w, d) -> forget(w, d)
  :: else ->
    if
    :: !SEES_READER(w, d) && delivery[d].status == QUEUED -> /* composed again */
      ITEM(w, d).version = reader[d].version; ITEM(w, d).phase = TODO
    :: !SEES_READER(w, d) && delivery[d].status != QUEUED -> forget(w, d)
    :: SEES_READER(w, d) && !SEES_CONSENT(w, d) ->
      if
      :: delivery[d].status == QUEUED -> delivery[d].status = SKIPPED
      :: else
      fi
      if
      :: delivery[d].status != SENDING -> drop_retry(d)
      :: else
      fi
      forget(w, d)
    :: SEES_READER(w, d) && SEES_CONSENT(w, d) && !SEES_QUEUED(w, d) -> forget(w, d)
    :: else -> pass(w, d)
    fi
  fi
}

#ifdef SETTLE_LATER
#define TAKEN_ALONG(w, d) false
#else
#define TAKEN_ALONG(w, d) ANSWERED(w, d)
#endif

/* COMMIT answered with an error, or not at all: no permit, whatever the database did (DESIGN §5: means abort).
   Who was refused is dropped; whether a refusal was written does not matter to the worker. */
inline abort(w, d) {
  if
  :: ITEM(w, d).phase == NONE
  :: else ->
    ITEM(w, d).version = 0
#ifdef COMMIT_ERROR_GOES_ON
    ITEM(w, d).phase = PASSED
#else
    ITEM(w, d).phase = ABORTED
#endif
  fi
}

/* Those from `first` to `last` are asked together; what was answered is settled last. The worker forgets the answered
   only when it knows that this was committed; otherwise it settles them again. */
inline gate(w, first, last, end) {
  if
  :: end != ROLLED_BACK ->
    for (i : first .. last) { decide(w, i) }
    for (i : 0 .. READERS - 1) {
      if
      :: TAKEN_ALONG(w, i) -> settle(w, i)
      :: else
      fi
      if
      :: TAKEN_ALONG(w, i) && end == COMMITTED -> forget(w, i)
      :: else
      fi
    }
  :: else
  fi
  if
  :: end != COMMITTED ->
    mishaps--
    for (i : first .. last) { abort(w, i) }
  :: else
  fi
  i = 0
}

/* ---- The processes ------------------------------------------------------------------------------------------------ */

/* What is past its gate and not settled now becomes unknown: no more than there were connections (I5). */
inline crash(w) {
  PROMISE(I5_FEW_UNKNOWN, LOST_BY_CRASH(w, 0) + LOST_BY_CRASH(w, 1) <= CONNECTIONS)
  forget(w, 0)
  forget(w, 1)
  worker[w].range_fence = 0
}

/*
 * Claims, gates, releases, finishes and dies. A wake-up from Redis may be lost or doubled, so a worker may try to claim
 * at any time (I7). One whose lease has run out goes on with what it holds, as a frozen one does when it wakes.
 * A killed worker comes back empty-handed: as any other instance would.
 */
proctype worker_process(byte w) {
  byte first, last
  mtype:ending ending = COMMITTED
end:
  do
  /* The first claim is worker 0's: the two are alike, and half the histories say it all. */
  :: d_step { MAY_CLAIM && IDLE(w) && !range.done && !range.live && (range.fence > 0 || w == 0) -> claim_range(w) }
  :: d_step { MAY_CLAIM && NO_RANGE(w) && ITEM(w, 0).phase == NONE && retry[0].exists && !retry[0].live ->
       claim_retry(w, 0) }
  :: d_step { MAY_CLAIM && NO_RANGE(w) && ITEM(w, 1).phase == NONE && retry[1].exists && !retry[1].live ->
       claim_retry(w, 1) }
  :: atomic {
       if /* a reader locked by somebody else is left out and waits for a later group */
       :: WAITS(w, 0) && BUSY(w) < CONNECTIONS -> first = 0; last = 0
       :: WAITS(w, 1) && BUSY(w) < CONNECTIONS -> first = 1; last = 1
       :: WAITS(w, 0) && WAITS(w, 1) && BUSY(w) + 1 < CONNECTIONS -> first = 0; last = 1
       fi
       if
       :: ending = COMMITTED
       :: mishaps > 0 -> ending = ANSWER_LOST
       :: mishaps > 0 -> ending = ROLLED_BACK
       fi
       d_step { gate(w, first, last, ending); first = 0; last = 0; ending = COMMITTED }
     }
  :: d_step { worker[w].range_fence > 0 && ITEM(w, 0).phase == NONE && ITEM(w, 1).phase == NONE -> release_range(w) }
  :: d_step { newsletter == RUNNING && range.done && !retry[0].exists && !retry[1].exists && !IS_OPEN(0) && !IS_OPEN(1)
       -> newsletter = FINISHED }
  :: d_step { newsletter == CANCELLED && !cancel_settled && range.done && !retry[0].exists && !retry[1].exists &&
       !IS_OPEN(0) && !IS_OPEN(1) -> cancel_settled = true }
  :: d_step { mishaps > 0 && !IDLE(w) -> mishaps--; crash(w) }
  od
}

/* One message of one worker on its connection. */
proctype lane(byte w; byte d) {
end:
  do
  /* The final dot: only with a permit. From here the message may be out (I1, I4). */
  :: d_step { ITEM(w, d).phase == PASSED ->
       ITEM(w, d).phase = DOTTED
       completed[d]++
       PROMISE(I1_AT_MOST_ONCE, completed[d] <= 1)
       PROMISE(I4_WITHDRAWAL, d != LEAVER || !left_answered || left_named)
       PROMISE(I4_HALT, !halt_answered || halt_named[d]) }
  /* The server's word. No reply: it may have taken the message or not. */
  :: d_step { ITEM(w, d).phase == DOTTED -> ITEM(w, d).phase = REPLY_2XX; accepted[d] = true }
  :: d_step { ITEM(w, d).phase == DOTTED -> ITEM(w, d).phase = REPLY_5XX; completed[d]-- }
  :: d_step { ITEM(w, d).phase == DOTTED && mishaps > 0 -> ITEM(w, d).phase = REPLY_4XX; completed[d]--; mishaps-- }
  :: d_step { ITEM(w, d).phase == DOTTED -> ITEM(w, d).phase = NO_REPLY }
  /* Refused at RCPT, before the gate was asked. */
  :: d_step { WAITS(w, d) && mishaps > 0 -> ITEM(w, d).phase = REPLY_4XX; mishaps-- }
  :: d_step { WAITS(w, d) && mishaps > 0 -> ITEM(w, d).phase = REPLY_5XX; mishaps-- }
  /* Settled by itself, when no gate comes by that would take it along. */
  :: d_step { ANSWERED(w, d) || ITEM(w, d).phase == ABORTED -> settle(w, d); forget(w, d) }
#if defined(PLAIN_SELECT) || defined(PLAIN_SELECT_ALL) || defined(PLAIN_PAUSE)
  :: d_step { ITEM(w, d).phase == TODO && SITE_OK && READER_OK(w, d) && CONSENT_OK(d) && STILL_QUEUED(d) ->
       ITEM(w, d).phase = PLAIN_READ }
#endif
  od
}

/* Leases end by the database's clock: at once in effect where nobody works any more, early when the holder is frozen. */
proctype clock() {
end:
  do
  :: d_step { range.live && worker[0].range_fence != range.fence && worker[1].range_fence != range.fence ->
       range.live = false }
  :: d_step { range.live && mishaps > 0 -> range.live = false; mishaps-- }
  :: d_step { retry[0].live && !RETRIES(0, 0) && !RETRIES(1, 0) -> retry[0].live = false }
  :: d_step { retry[1].live && !RETRIES(0, 1) && !RETRIES(1, 1) -> retry[1].live = false }
  :: d_step { retry[0].live && mishaps > 0 -> retry[0].live = false; mishaps-- }
  :: d_step { retry[1].live && mishaps > 0 -> retry[1].live = false; mishaps-- }
  od
}

/* withdraw.ts: one transaction under the reader's row lock; its commit is the barrier, then comes the answer (I4). */
inline withdraw() {
  reader[LEAVER].version++
  reader[LEAVER].consents = false
  if
  :: delivery[LEAVER].status == QUEUED -> delivery[LEAVER].status = SKIPPED
  :: else
  fi
  if
  :: delivery[LEAVER].status != SENDING && retry[LEAVER].exists -> drop_retry(LEAVER)
  :: else
  fi
}

proctype leaver() {
  /* Another address, say: what was composed before must not go out (I3). */
  if
  :: reader[LEAVER].version++
  :: true
  fi
#ifdef REPLY_BEFORE_COMMIT
  d_step { left_named = MAY_STILL_ARRIVE(LEAVER); left_answered = true }
  d_step { true -> withdraw() }
#else
  d_step { true -> withdraw(); left_named = MAY_STILL_ARRIVE(LEAVER) }
  left_answered = true
#endif
}

inline name_passed() { halt_named[0] = MAY_STILL_ARRIVE(0); halt_named[1] = MAY_STILL_ARRIVE(1) }
inline call_off(d) {
  if
  :: delivery[d].status == QUEUED -> delivery[d].status = CALLED_OFF
  :: else
  fi
  if
  :: delivery[d].status != SENDING && retry[d].exists -> drop_retry(d)
  :: else
  fi
}

/* control.ts and site-switch.ts: each a transaction with the row locked exclusively, then its answer (I4). */
proctype staff() {
  if
  :: d_step { newsletter == RUNNING -> newsletter = PAUSED; name_passed() }
    halt_answered = true
    d_step { newsletter = RUNNING; halt_answered = false; halt_named[0] = false; halt_named[1] = false }
  :: d_step { site_stopped = true; name_passed() }
    halt_answered = true
    d_step { site_stopped = false; halt_answered = false; halt_named[0] = false; halt_named[1] = false }
  :: d_step { newsletter == RUNNING -> newsletter = CANCELLED; name_passed(); call_off(0); call_off(1) }
    halt_answered = true
  :: true
  fi
}

#define ACCOUNTED(d) (!IS_OPEN(d) && (completed[d] == 0 || delivery[d].status == SENT || delivery[d].status == UNKNOWN) \
  && (delivery[d].status != SENT || completed[d] == 1))

/* When nothing can happen any more, everything has happened (I2). */
proctype auditor() {
  timeout ->
    PROMISE(I2_ALL_ACCOUNTED, newsletter == FINISHED || newsletter == CANCELLED && cancel_settled)
    PROMISE(I2_ALL_ACCOUNTED, ACCOUNTED(0) && ACCOUNTED(1))
    REACHED(NAMED_AND_NOT_SENT, left_named && delivery[LEAVER].status == SKIPPED)
}

init {
  atomic {
    for (i : 0 .. READERS - 1) {
      delivery[i].status = QUEUED; reader[i].consents = true
      ITEM(0, i).phase = NONE; ITEM(1, i).phase = NONE
    }
    i = 0
    run worker_process(0); run worker_process(1)
    run lane(0, 0); run lane(0, 1); run lane(1, 0); run lane(1, 1)
    run clock()
#ifndef NOBODY_LEAVES
    run leaver()
#endif
#ifndef NOBODY_HALTS
    run staff()
#endif
    run auditor()
  }
}
