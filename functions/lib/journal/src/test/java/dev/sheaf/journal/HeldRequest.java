package dev.sheaf.journal;

import java.util.concurrent.CountDownLatch;

/** A request that waits at the store until it is released, or its thread interrupted. */
final class HeldRequest {
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  private HeldRequest() {}

  /** The next such request of a bucket, held before anything happens. */
  static HeldRequest before(FakeBucket bucket, String request) {
    return before(bucket, request, () -> {});
  }

  /**
   * The next such request of a bucket, held before anything happens.
   *
   * @param then runs once it is released; throws what the request is to fail with
   */
  static HeldRequest before(FakeBucket bucket, String request, Runnable then) {
    HeldRequest held = new HeldRequest();
    bucket.next(
        request,
        FakeBucket.before(() -> {
          held.hold();
          then.run();
        }));
    return held;
  }

  /** The next such request of a bucket, whose answer is held back. */
  static HeldRequest after(FakeBucket bucket, String request) {
    HeldRequest held = new HeldRequest();
    bucket.next(request, FakeBucket.after(held::hold));
    return held;
  }

  private void hold() {
    reached.countDown();
    Waits.await(released);
  }

  /** Returns when it waits. */
  void await() {
    Waits.await(reached);
  }

  boolean isReached() {
    return reached.getCount() == 0;
  }

  void release() {
    released.countDown();
  }
}
