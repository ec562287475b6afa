-- What does the lot earn in each hour, and how long did those stay who paid?
-- hour begins the hour in which sessions ended; revenue: whole units of currency; average_stay: minutes.
WITH stays AS (
    SELECT
        currency,
        cost,
        duration,
        DATE_TRUNC('hour', CAST(end_time AS TIMESTAMP)) AS hour
    FROM sessions
    WHERE status <> 'ACTIVE'
)

SELECT
    hour,
    currency,
    COUNT(*) AS ended,
    CAST(SUM(cost) AS BIGINT) AS revenue,
    AVG(duration) / 60 AS average_stay
FROM stays
GROUP BY hour, currency
ORDER BY hour, currency
