package dev.sheaf.storage.s3.direct;

/** Looks whether a bucket is there. Only a 200 is taken; the SDK says what is wrong with others. */
public final class DirectHeads {
  private final Exchanges exchanges;

  public DirectHeads(Exchanges exchanges) {
    this.exchanges = exchanges;
  }

  /** Whether the bucket exists and may be used; false when that has to be asked again. */
  public boolean isBucketThere() {
    return exchanges.headBucket().filter(answer -> answer.status() == 200).isPresent();
  }
}
