package dev.sheaf.localstack.servers.dataapi;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open transactions, each with a connection of its own; rolled back when nobody uses them. */
final class Transactions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Transactions.class);

  private final Duration idleLimit;
  private final RandomGenerator random;
  private final Map<String, Transaction> open = new ConcurrentHashMap<>();
  private final ScheduledThreadPoolExecutor timer;

  Transactions(Duration idleLimit, RandomGenerator random) {
    this.idleLimit = idleLimit;
    this.random = random;
    this.timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("data-api-idle").factory());
    timer.setRemoveOnCancelPolicy(true);
  }

  /** Takes over a connection and opens a transaction on it. */
  String begin(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    byte[] bytes = new byte[48];
    random.nextBytes(bytes);
    String id = Base64.getEncoder().encodeToString(bytes);
    Transaction transaction = new Transaction(connection);
    open.put(id, transaction);
    startIdling(id, transaction);
    return id;
  }

  /** Runs one request of a transaction; requests of one transaction wait for one another. */
  byte[] use(String id, Work work) throws Exception {
    Transaction transaction = find(id);
    transaction.lock.lock();
    try {
      requireOpen(id, transaction);
      stopIdling(transaction);
      try {
        return work.on(transaction.connection);
      } catch (SQLException e) {
        transaction.failedOnce = true;
        throw e;
      } finally {
        startIdling(id, transaction);
      }
    } finally {
      transaction.lock.unlock();
    }
  }

  void commit(String id) throws DataApiException, SQLException {
    Transaction transaction = take(id);
    try (Connection connection = transaction.connection) {
      if (transaction.failedOnce) {
        // Postgres answers COMMIT of a spoilt transaction with a silent rollback; this throws.
        connection.createStatement().execute("select 1");
      }
      connection.commit();
    }
  }

  void rollback(String id) throws DataApiException, SQLException {
    Transaction transaction = take(id);
    try (Connection connection = transaction.connection) {
      connection.rollback();
    }
  }

  private Transaction find(String id) throws DataApiException {
    Transaction transaction = open.get(id);
    if (transaction == null) {
      throw DataApiException.unknownTransaction(id);
    }
    return transaction;
  }

  /** Ends a transaction for all others, once the request under way is done. */
  private Transaction take(String id) throws DataApiException {
    Transaction transaction = find(id);
    transaction.lock.lock();
    try {
      requireOpen(id, transaction);
      open.remove(id);
      stopIdling(transaction);
      return transaction;
    } finally {
      transaction.lock.unlock();
    }
  }

  private void requireOpen(String id, Transaction transaction) throws DataApiException {
    if (open.get(id) != transaction) {
      throw DataApiException.unknownTransaction(id);
    }
  }

  private void startIdling(String id, Transaction transaction) {
    if (open.get(id) == transaction) {
      transaction.expiry =
          timer.schedule(() -> expire(id), idleLimit.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void stopIdling(Transaction transaction) {
    ScheduledFuture<?> expiry = transaction.expiry;
    if (expiry != null) {
      expiry.cancel(false);
    }
  }

  private void expire(String id) {
    Transaction transaction = open.get(id);
    // In use after all: it will be scheduled anew.
    if (transaction != null && transaction.lock.tryLock()) {
      try {
        rollback(id);
        log.warn("a transaction that was idle for {} was rolled back", idleLimit);
      } catch (DataApiException | SQLException e) {
        log.warn("an idle transaction could not be rolled back: {}", e.getMessage());
      } finally {
        transaction.lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    for (String id : open.keySet()) {
      try {
        rollback(id);
      } catch (DataApiException | SQLException e) {
        log.debug("at the end: {}", e.getMessage());
      }
    }
  }

  /** A request on a connection. */
  interface Work {
    byte[] on(Connection connection) throws Exception;
  }

  private static final class Transaction {
    private final Connection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable ScheduledFuture<?> expiry;
    private volatile boolean failedOnce;

    Transaction(Connection connection) {
      this.connection = connection;
    }
  }
}
