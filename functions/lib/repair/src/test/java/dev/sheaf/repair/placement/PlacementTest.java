package dev.sheaf.repair.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The worked examples, computed by another implementation. */
class PlacementTest {
  private static final List<String> FIVE = nodes(5);

  private static List<String> nodes(int count) {
    return IntStream.rangeClosed(1, count).mapToObj(PlacementTest::node).toList();
  }

  private static String node(int number) {
    return "http://node" + number + ".example";
  }

  /** Host and the first eight bytes of its score, best first. */
  private static List<String> ranked(List<String> hosts, String key) {
    return new Placement(hosts, 3)
        .rank(key).stream()
            .map(host -> host + " " + firstBytes(Placement.score(host, key)))
            .toList();
  }

  private static String firstBytes(byte[] score) {
    return HexFormat.of().formatHex(Arrays.copyOf(score, 8));
  }

  private static List<String> scores(String... nodesAndScores) {
    return Stream.of(nodesAndScores).map(text -> "http://" + text).toList();
  }

  /** With signed bytes node3 would be last. */
  @Test
  void e1ScoresAreUnsigned() {
    assertThat(ranked(FIVE, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"))
        .isEqualTo(
            scores(
                "node3.example 409d0eeae544c7c8",
                "node5.example be6c77d88640bdb3",
                "node1.example cf0cb2fdcd27b96a",
                "node2.example e0c32fd6f3429902",
                "node4.example e17e027417e75349"));
  }

  @Test
  void e2AnotherKeyAnotherOrder() {
    assertThat(ranked(FIVE, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
        .isEqualTo(
            scores(
                "node1.example 14b771d170fb30ec",
                "node4.example 3a21daaeb0487e77",
                "node3.example 42f40245f19a4948",
                "node2.example a0d34e1c0c92c910",
                "node5.example b84236f5a4ce9af2"));
  }

  @Test
  void e3AnyTextIsAKey() {
    assertThat(ranked(nodes(3), "bundle-1"))
        .isEqualTo(
            scores(
                "node3.example 0b66b8c4f51417f0",
                "node1.example 1ce2db1d2bb61d4a",
                "node2.example 40475bf5f0dd45f3"));
  }

  @Test
  void e4DuplicatesAndDeadHostsGo() {
    List<String> hosts =
        List.of(
            node(1), "http://node2.example/", node(1), "https://content.grassfed.network", node(3));
    assertThat(ranked(hosts, "baeaaaiqsedziwknj44jsl5fak6vcbszzjlnl7pqtw2ipnyg7rsh5a2xnql2p2"))
        .isEqualTo(
            scores(
                "node1.example 0dcc4829265eea37",
                "node2.example/ 372b5235dbb09f67",
                "node3.example ae790f08cb8bb92f"));
  }

  @Test
  void e5WhatIsPartOfADeadHostGoes() {
    assertThat(ranked(List.of("content", node(1), "https://"), ""))
        .isEqualTo(scores("node1.example 4f35bec85f4b1bc9"));
  }

  @Test
  void theFirstOnesArePlaced() {
    Placement placement = new Placement(nodes(3), 2);
    assertThat(placement.isPlaced(node(3), "bundle-1")).isTrue();
    assertThat(placement.isPlaced(node(1), "bundle-1")).isTrue();
    assertThat(placement.isPlaced(node(2), "bundle-1")).isFalse();
    assertThat(placement.isPlaced("http://other.example", "bundle-1")).isFalse();
  }

  @Test
  void withNoMoreSitesThanCopiesEachIsPlaced() {
    Placement placement = new Placement(nodes(3), 3);
    assertThat(nodes(3)).allMatch(node -> placement.isPlaced(node, "bundle-1"));
  }

  @Test
  void aSiteThatJoinsMovesOnlyWhatItGets() {
    Placement four = new Placement(nodes(4), 2);
    Placement five = new Placement(nodes(5), 2);
    for (int i = 0; i < 1_000; i++) {
      String key = "key" + i;
      List<String> before = four.rank(key).subList(0, 2);
      List<String> after = five.rank(key).subList(0, 2);
      if (!after.contains(node(5))) {
        assertThat(after).isEqualTo(before);
      }
    }
  }

  /** The six best of the original's list of 69, by its own test, in whatever order they come. */
  @Test
  void theOriginalsHostsRankAsThere() {
    List<String> ranked =
        List.of(
            "https://blockdaemon-audius-content-09.bdnodes.net",
            "https://cn4.mainnet.audiusindex.org",
            "https://audius-content-4.figment.io",
            "https://cn0.mainnet.audiusindex.org",
            "https://creatornode.audius3.prod-eks-ap-northeast-1.staked.cloud",
            "https://blockdaemon-audius-content-07.bdnodes.net");
    List<String> hosts = new ArrayList<>(ranked);
    hosts.sort(Comparator.reverseOrder());
    String key = "baeaaaiqsedziwknj44jsl5fak6vcbszzjlnl7pqtw2ipnyg7rsh5a2xnql2p2";
    assertThat(new Placement(hosts, 3).rank(key)).isEqualTo(ranked);
  }
}
