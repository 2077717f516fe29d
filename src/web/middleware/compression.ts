/** Whether an Accept-Encoding header takes gzip (`gzip;q=0` refuses it). */
export function takesGzip(acceptEncoding: string | null | undefined): boolean {
  return acceptEncoding != null && /(?:^|[\s,])gzip(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(acceptEncoding);
}
