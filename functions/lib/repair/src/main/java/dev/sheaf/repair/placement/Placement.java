package dev.sheaf.repair.placement;

import dev.sheaf.bundle.ContentId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Rendezvous hashing: every site ranks all sites for a key by itself, and all come to the same
 * order. The first {@code replication} sites of it are to hold the content. A site that joins or
 * leaves moves only what it gains or loses.
 *
 * <p>The score of a site is SHA-256 over its URL and the key, both in UTF-8, nothing between them;
 * the smallest, as unsigned bytes, comes first.
 */
public final class Placement {
  /** A host that is gone for good and still stands in configurations. */
  private static final String GONE = "https://content.grassfed.network/";

  private final List<String> hosts;
  private final int replication;

  /** A score as a content id, which is ordered as unsigned bytes. */
  private record Scored(String host, ContentId score) {}

  /**
   * @param hosts URLs as configured, without a slash at the end; what is no URL, and what came
   *     before, is dropped
   * @param replication how many of them are to hold a key
   */
  public Placement(Collection<String> hosts, int replication) {
    Set<String> usable = new LinkedHashSet<>(hosts);
    // This way round on purpose: other implementations drop parts of that URL, and ranks must
    // agree.
    usable.removeIf(host -> GONE.contains(host) || !isUrl(host));
    this.hosts = List.copyOf(usable);
    this.replication = replication;
  }

  private static boolean isUrl(String text) {
    try {
      URI.create(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** All sites, those that are to hold the key first. */
  public List<String> rank(String key) {
    return hosts.stream()
        .map(host -> new Scored(host, ContentId.ofBytes(score(host, key))))
        .sorted(Comparator.comparing(Scored::score).thenComparing(Scored::host))
        .map(Scored::host)
        .toList();
  }

  /** Whether a site is to hold a key. With no more sites than copies each is. */
  public boolean isPlaced(String host, String key) {
    int rank = hosts.size() <= replication ? hosts.indexOf(host) : rank(key).indexOf(host);
    return rank >= 0 && rank < replication;
  }

  static byte[] score(String host, String key) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(host.getBytes(StandardCharsets.UTF_8));
      return digest.digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
