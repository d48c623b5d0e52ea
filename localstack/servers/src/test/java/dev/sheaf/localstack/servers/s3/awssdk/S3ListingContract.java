package dev.sheaf.localstack.servers.s3.awssdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.EncodingType;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The order of a listing, its pages, and what is folded. */
interface S3ListingContract extends S3UnderTest {
  @Test
  default void listsInUtf8OrderAndKeepsAnObjectBesideItsOwnFolder() {
    // U+FFFD sorts behind the surrogates of an emoji in UTF-16 and before it in UTF-8.
    List<String> inOrder = List.of("q", "q/x", "q/x/y", "z", "é", "\uFFFD", "😀");
    inOrder.reversed().forEach(key -> put(key, key));
    assertThat(list("", null, 1000).contents()).extracting(S3Object::key).isEqualTo(inOrder);
    assertThat(get("q/x")).isEqualTo("q/x");
    assertThat(get("q/x/y")).isEqualTo("q/x/y");
    ListObjectsV2Response folded = list("q/", "/", 1000);
    assertThat(folded.contents()).extracting(S3Object::key).containsExactly("q/x");
    assertThat(folded.commonPrefixes()).extracting(CommonPrefix::prefix).containsExactly("q/x/");
  }

  @Test
  default void listsInPages() {
    for (int i = 0; i < 25; i++) {
      put("page/%03d".formatted(i), "x");
    }
    var pages =
        s3().listObjectsV2Paginator(l -> l.bucket(BUCKET).prefix("page/").maxKeys(10)).stream()
            .map(page -> page.contents().stream().map(S3Object::key).toList())
            .toList();
    assertThat(pages).extracting(List::size).containsExactly(10, 10, 5);
    assertThat(pages.stream().flatMap(List::stream).toList())
        .isEqualTo(IntStream.range(0, 25).mapToObj("page/%03d"::formatted).toList());
  }

  @Test
  default void commonPrefixesAreInTheOrderOfTheirBytes() {
    List<String> prefixes = List.of("p/a/", "p/a&<b>/", "p/\uff5e/", "p/\ud83d\ude00/");
    prefixes.forEach(prefix -> put(prefix + "x", "x"));
    List<String> sorted = List.of("p/a&<b>/", "p/a/", "p/\uff5e/", "p/\ud83d\ude00/");
    assertThat(list("p/", "/", 10).commonPrefixes())
        .extracting(CommonPrefix::prefix)
        .containsExactlyElementsOf(sorted);
    assertThat(
            s3().listObjectsV2(l ->
                    l.bucket(BUCKET).prefix("p/").delimiter("/").encodingType(EncodingType.URL))
                .commonPrefixes())
        .extracting(CommonPrefix::prefix)
        .containsExactlyElementsOf(sorted);
  }
}
