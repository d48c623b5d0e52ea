package dev.sheaf.storage.s3.direct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.storage.ObjectStore.Page;
import dev.sheaf.storage.ObjectStore.StoredObject;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListingReaderTest {
  private static final String OBJECT =
      "<Contents><Key>a</Key><LastModified>2026-07-04T10:00:00.000Z</LastModified>"
          + "<ETag>&quot;e&quot;</ETag><Size>3</Size></Contents>";
  private static final String END = "<IsTruncated>false</IsTruncated></ListBucketResult>";
  private static final String WHOLE = "<ListBucketResult>" + OBJECT + END;

  private static Page read(String xml) throws ProtocolException {
    return ListingReader.read(xml.getBytes(StandardCharsets.UTF_8));
  }

  private static StoredObject object(String key) {
    return new StoredObject(key, 3, "\"e\"", Instant.parse("2026-07-04T10:00:00Z"), null);
  }

  /** From "ListObjectsV2" of Amazon's S3 API reference, and what else S3 may send. */
  @Test
  void readsAPageAsS3WritesIt() throws ProtocolException {
    Page page =
        read(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/" note='a>b'>
              <Name>bucket</Name>
              <Prefix/>
              <NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
              <KeyCount>2</KeyCount>
              <MaxKeys>2</MaxKeys>
              <Delimiter>%2F</Delimiter>
              <IsTruncated>true</IsTruncated>
              <Contents>
                <Key>a+b%2B&amp;%C3%BC%01</Key>
                <LastModified>2009-10-12T17:50:30.123Z</LastModified>
                <ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag>
                <ChecksumAlgorithm>SHA256</ChecksumAlgorithm>
                <Owner><ID>1</ID><DisplayName></DisplayName><Sub><Sub/>text<Key>no</Key></Sub></Owner>
                <RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus>
                <Size>5000000000</Size>
                <StorageClass>STANDARD</StorageClass>
              </Contents>
              <Contents>
                <LastModified>2009-10-12T17:50:30Z</LastModified><Size>0</Size>
                <ETag>&#34;e&#x22;</ETag><Key>plain</Key>
              </Contents>
              <CommonPrefixes><Prefix>photos%2F+1/</Prefix></CommonPrefixes>
              <EncodingType>url</EncodingType>
            </ListBucketResult>
            """);
    assertThat(page.objects())
        .containsExactly(
            new StoredObject(
                "a b+&ü\u0001",
                5_000_000_000L,
                "\"fba9dede5f27731c9771645a39863328\"",
                Instant.parse("2009-10-12T17:50:30.123Z"),
                null),
            new StoredObject("plain", 0, "\"e\"", Instant.parse("2009-10-12T17:50:30Z"), null));
    assertThat(page.commonPrefixes()).containsExactly("photos/ 1/");
    assertThat(page.next()).isEqualTo("1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=");
  }

  /** A store that does not know the parameter sends keys as they are. */
  @Test
  void decodesOnlyWhatSaysThatItIsEncoded() throws ProtocolException {
    String text = "a+%41 &lt;ü&gt;\ud83d\ude00";
    assertThat(read(WHOLE.replace("<Key>a", "<Key>" + text)).objects())
        .containsExactly(object("a+%41 <ü>\ud83d\ude00"));
  }

  @Test
  void anEmptyPageMayGoOn() throws ProtocolException {
    Page page =
        read(
            "<ListBucketResult><NextContinuationToken>t</NextContinuationToken>"
                + "<IsTruncated>true</IsTruncated></ListBucketResult>");
    assertThat(page).isEqualTo(new Page(java.util.List.of(), java.util.List.of(), "t"));
    assertThat(read("<ListBucketResult>" + END).next()).isNull();
  }

  @Test
  void whereItDoesNotGoOnATokenSaysNothing() throws ProtocolException {
    String xml = WHOLE.replace(OBJECT, "<NextContinuationToken>t</NextContinuationToken>");
    assertThat(read(xml).next()).isNull();
  }

  @Test
  void everyBeginningOfAPageIsRefused() throws ProtocolException {
    String xml = "<?xml version='1.0'?>" + WHOLE;
    assertThat(read(xml).objects()).containsExactly(object("a"));
    for (int end = 0; end < xml.length(); end++) {
      String cut = xml.substring(0, end);
      assertThatThrownBy(() -> read(cut)).as(cut).isInstanceOf(ProtocolException.class);
    }
  }

  /** Of an entry that lacks something, and of a page that does not say whether it is the last. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<Key>a</Key>",
        "<ETag>&quot;e&quot;</ETag>",
        "<Size>3</Size>",
        "<LastModified>2026-07-04T10:00:00.000Z</LastModified>",
        "<IsTruncated>false</IsTruncated>",
      })
  void everyPartIsNeeded(String part) {
    assertThat(WHOLE).contains(part);
    assertThatThrownBy(() -> read(WHOLE.replace(part, ""))).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<ListBucketResult/>",
        "<Error><Code>SlowDown</Code></Error>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><IsTruncated>maybe</IsTruncated></ListBucketResult>",
        "<ListBucketResult><CommonPrefixes/><IsTruncated>false</IsTruncated></ListBucketResult>",
      })
  void whatIsNoListingIsRefused(String xml) {
    assertThatThrownBy(() -> read(xml)).isInstanceOf(ProtocolException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<Size>x</Size>",
        "<Size></Size>",
        "<Size>99999999999999999999</Size>",
        "<LastModified>yesterday</LastModified>",
        "<LastModified>2026-02-30T10:00:00.000Z</LastModified>",
        "<EncodingType>url</EncodingType><Key>%zz</Key>",
      })
  void oddValuesAreRefused(String odd) {
    String name = odd.substring(1, odd.indexOf('>'));
    String xml =
        name.equals("EncodingType")
            ? WHOLE.replace("<Contents><Key>a</Key>", odd.replace("<Key>", "<Contents><Key>"))
            : WHOLE.replaceAll("<" + name + ">.*</" + name + ">", odd);
    assertThatThrownBy(() -> read(xml)).as(xml).isInstanceOf(ProtocolException.class);
  }
}
