-- How fast is traffic, hour by hour, on each piece of the road?
-- A piece is a cell of 0.01 degree (north to south 1.1 km); latitude and longitude are its south-west corner. Speeds are
-- km/h as receivers measured them: tenth_speed is the one that a tenth of the records is at or below (nearest rank).
WITH speeds AS (
    SELECT
        device_id,
        speed,
        FLOOR(latitude * 100) / 100 AS south,
        FLOOR(longitude * 100) / 100 AS west,
        DATE_TRUNC('hour', CAST(event_time AS TIMESTAMP)) AS hour
    FROM gps
),

-- Percentiles are called differently everywhere; counting is not.
ordered AS (
    SELECT
        speeds.*,
        ROW_NUMBER() OVER (PARTITION BY hour, south, west ORDER BY speed) AS nth,
        COUNT(*) OVER (PARTITION BY hour, south, west) AS of_all
    FROM speeds
)

SELECT
    hour,
    south AS latitude,
    west AS longitude,
    COUNT(DISTINCT device_id) AS vehicles,
    COUNT(*) AS records,
    AVG(speed) AS average_speed,
    AVG(CASE WHEN 2 * nth BETWEEN of_all AND of_all + 2 THEN speed END) AS median_speed,
    MIN(CASE WHEN 10 * nth >= of_all THEN speed END) AS tenth_speed
FROM ordered
GROUP BY hour, south, west
ORDER BY hour, south, west
