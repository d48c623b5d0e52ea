package dev.sheaf.storage.rds;

import dev.sheaf.storage.TestSites;
import dev.sheaf.storage.catalog.Catalog;
import dev.sheaf.storage.catalog.CatalogContract;

/** The contract, by the real adapter against a local Data API over a real Postgres. */
class DataApiCatalogTest extends CatalogContract {
  @Override
  protected Catalog emptyCatalog() throws Exception {
    return TestSites.fresh().catalog();
  }
}
